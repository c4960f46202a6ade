-- Give a lease back without storing and tell the waiters why.
-- KEYS[1]  the lease
-- ARGV[1]  token of the holder
-- ARGV[2]  message for the waiters
-- ARGV[3]  milliseconds during which everybody may fetch without a lease; 0 for none
-- Returns 1 when released, 0 when somebody else holds the lease by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], 'pass', 'PX', ARGV[3])
else
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', KEYS[1], ARGV[2])
return 1
