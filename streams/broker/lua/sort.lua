#!lua
-- Put requests as they came in on the lane where they wait for their turn, each with the entry by which it is known.
-- KEYS 1 requests stream, 2 lane stream
-- ARGV 1 group, 2.. entry ids
-- Returns how many; those that another consumer was faster with are left alone.
local stream, lane = unpack(KEYS)
local group = unpack(ARGV, 1, 1)
local moved = 0
for i = 2, #ARGV do
  if redis.call('XACK', stream, group, ARGV[i]) == 1 then
    local entry = redis.call('XRANGE', stream, ARGV[i], ARGV[i])[1]
    if entry then
      local fields = entry[2]
      fields[#fields + 1] = 'intake_id'
      fields[#fields + 1] = ARGV[i]
      redis.call('XADD', lane, '*', unpack(fields))
      moved = moved + 1
    end
  end
end
return moved
