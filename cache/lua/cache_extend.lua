-- Heartbeat of a lease.
-- KEYS[1]  the lease
-- ARGV[1]  token of the holder
-- ARGV[2]  new lease time in milliseconds
-- Returns 1 when extended, 0 when somebody else holds the lease by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
