-- Take the lease on fetching one key.
-- KEYS[1]  the lease
-- ARGV[1]  token of the asker
-- ARGV[2]  lease time in milliseconds
-- Returns -1 when granted, -2 when answers of this key are known not to be storable (everybody may go),
-- else the milliseconds that the present holder has left.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return -1
end
if redis.call('GET', KEYS[1]) == 'pass' then
  return -2
end
return redis.call('PTTL', KEYS[1])
