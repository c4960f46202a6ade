#!lua flags=allow-oom
-- Renew the leases on entries that this consumer still holds; never takes one back that another has claimed.
-- KEYS 1 stream
-- ARGV 1 group, 2 consumer, 3.. entry ids
-- Returns the ids that belong to another consumer by now; those that were acknowledged meanwhile are nobody's.
local stream = unpack(KEYS)
local group, consumer = unpack(ARGV, 1, 2)
local lost = {}
for i = 3, #ARGV do
  local p = redis.call('XPENDING', stream, group, ARGV[i], ARGV[i], 1)[1]
  if p and p[2] == consumer then
    redis.call('XCLAIM', stream, group, consumer, 0, ARGV[i], 'IDLE', 0, 'JUSTID')
  elseif p then
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
