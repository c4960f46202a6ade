#!lua
-- Move what is due from the waiting room back to its lane.
-- KEYS 1 delayed zset, 2 delayed bodies hash
-- ARGV 1 prefix of the lane streams, 2 how many at most
-- Returns how many were moved.
local delayed, bodies = unpack(KEYS)
local lanes, most = unpack(ARGV, 1, 2)
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local moved = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, most)) do
  local body = redis.call('HGET', bodies, member)
  if body then
    local sound, job = pcall(cmsgpack.unpack, body)
    if sound then
      redis.call('XADD', lanes .. job.lane, '*', unpack(job.fields))
      moved = moved + 1
    end
  end
  redis.call('HDEL', bodies, member)
  redis.call('ZREM', delayed, member)
end
return moved
