#!lua
-- Move what is due from the waiting room back to its lane.
-- KEYS 1 delayed zset, 2 delayed bodies hash
-- ARGV 1 prefix of the lane streams, 2 how many at most
-- Returns how many were moved.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local moved = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local body = redis.call('HGET', KEYS[2], member)
  if body then
    local sound, job = pcall(cmsgpack.unpack, body)
    if sound then
      redis.call('XADD', ARGV[1] .. job.lane, '*', unpack(job.fields))
      moved = moved + 1
    end
  end
  redis.call('HDEL', KEYS[2], member)
  redis.call('ZREM', KEYS[1], member)
end
return moved
