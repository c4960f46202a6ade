-- What was made of stored answers, while each of them still lies there as it was read.
-- KEYS[1]  the memory: a hash, one field per variant; a value is a header of 18 bytes, a msgpack head, the body
-- ARGV[1]  now, Unix seconds
-- The head begins with: until when it holds (Unix seconds), and its parts, each with key, name, and when it was stored (0:
-- the name alone tells).
-- Returns the value, or nil when it is past, or a part has gone or is another one by now.
local now = tonumber(ARGV[1])
local all = redis.call('HGETALL', KEYS[1])
for i = 2, #all, 2 do
  local value, good = all[i], #all[i] > 18
  local read, head = false, nil
  if good then read, head = pcall(function() return cmsgpack.unpack(string.sub(value, 19, 18 + struct.unpack('<I4', value, 15))) end) end
  good = read and type(head) == 'table' and type(head[1]) == 'number' and now < head[1] and type(head[2]) == 'table'
  if good then
    for _, part in ipairs(head[2]) do
      if part[3] == 0 then
        good = redis.call('HEXISTS', part[1], part[2]) == 1
      else
        local there = redis.call('HGET', part[1], part[2])
        good = there and #there > 18 and struct.unpack('<d', there, 7) == part[3]
      end
      if not good then break end
    end
  end
  if good then return value end
end
return false
