-- Store one variant of an answer; with a lease also give the lease back and wake the waiters, all in one step.
-- KEYS[1]  the entry: a hash, one field per variant
-- KEYS[2]  the lease, if the answer was fetched under one
-- ARGV[1]  token of the lease ('' without); the answer is dropped when somebody else holds the lease by now
-- ARGV[2]  time to live in milliseconds
-- ARGV[3]  name of the variant
-- ARGV[4]  its value
-- ARGV[5..] names of variants that it replaces
-- Returns 1 when stored, 0 when the lease was lost; an error when the server is full.
local token = ARGV[1]
if token ~= '' and redis.call('GET', KEYS[2]) ~= token then
  return 0
end
local stored = redis.pcall('HSET', KEYS[1], ARGV[3], ARGV[4])
local full = type(stored) == 'table' and stored.err
if not full then
  for i = 5, #ARGV do
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
end
if token ~= '' then
  redis.call('DEL', KEYS[2])
  redis.call('PUBLISH', KEYS[2], full and 'passed' or 'stored')
end
if full then
  return redis.error_reply(stored.err)
end
return 1
