#!lua
-- Move what is due from the waiting room back to its lane.
-- KEYS 1 delayed zset, 2 delayed bodies hash
-- ARGV 1 prefix of the lane streams, 2 how many at most
-- What belongs on a lane that is no stream is looked at again in a minute; what nobody can read is dropped.
-- Returns how many were moved.
local delayed, bodies = unpack(KEYS)
local lanes, most = unpack(ARGV, 1, 2)
local time = redis.call('TIME')
local function at(ms) return string.format('%.0f', ms) end
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
local now = at(ms)
local moved = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, most)) do
  local body = redis.call('HGET', bodies, member)
  local sound, job = pcall(cmsgpack.unpack, body or '')
  sound = sound and type(job) == 'table' and job.lane and job.fields
  local kind = sound and redis.call('TYPE', lanes .. job.lane).ok
  if kind and kind ~= 'stream' and kind ~= 'none' then
    redis.call('ZADD', delayed, at(ms + 60000), member)
  else
    if sound then
      redis.call('XADD', lanes .. job.lane, '*', unpack(job.fields))
      moved = moved + 1
    end
    redis.call('HDEL', bodies, member)
    redis.call('ZREM', delayed, member)
  end
end
return moved
