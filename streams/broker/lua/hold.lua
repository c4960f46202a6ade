#!lua
-- Be the one scout of the fleet, or stay it, or be it no longer.
-- KEYS 1 hash of the scout: who, until (ms)
-- ARGV 1 who asks, 2 for how many ms (0: no longer)
-- Returns 1, or 0 while another one is.
local scout = unpack(KEYS)
local who, lease_ms = unpack(ARGV, 1, 2)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = (tonumber(redis.call('HGET', scout, 'until')) or 0) - now
local own = redis.call('HGET', scout, 'who') == who
-- a clock that was set back keeps nobody in office for longer than a lease ever is
local longest = tonumber(redis.call('HGET', scout, 'lease')) or 0
if not own and left > 0 and left <= longest then return 0 end
if tonumber(lease_ms) > 0 then
  redis.call('HSET', scout, 'who', who, 'until', string.format('%.0f', now + lease_ms), 'lease', lease_ms)
elseif own then
  redis.call('DEL', scout)
end
return 1
