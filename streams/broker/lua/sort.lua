#!lua
-- Put requests as they came in on the lane where they wait for their turn, each with the entry by which it is known.
-- KEYS 1 requests stream, 2 lane stream
-- ARGV 1 group, 2.. for each request: its entry id, how many words follow, its fields (names and values in turn)
-- Returns how many; those that another consumer was faster with are left alone.
local stream, lane = unpack(KEYS)
local group = unpack(ARGV, 1, 1)
local moved, i = 0, 2
while i < #ARGV do
  local entry, last = ARGV[i], i + 1 + ARGV[i + 1]
  if redis.call('XACK', stream, group, entry) == 1 then
    local fields = {unpack(ARGV, i + 2, last)}
    fields[#fields + 1] = 'intake_id'  -- behind a field of that name that somebody sent: the last one counts
    fields[#fields + 1] = entry
    redis.call('XADD', lane, '*', unpack(fields))
    moved = moved + 1
  end
  i = last + 1
end
return moved
