#!lua flags=no-writes
-- The works looked at last, with their titles.
-- KEYS 1 records zset
-- ARGV 1 prefix of the record keys, 2 the first and 3 the last of them, from the newest on
-- Returns {anime, title or '', ...}.
local records = unpack(KEYS)
local prefix, first, last = unpack(ARGV, 1, 3)
local found = {}
for _, anime in ipairs(redis.call('ZREVRANGE', records, first, last)) do
  local title = redis.pcall('HGET', prefix .. anime, 'title')  -- pcall: one key of another type keeps no other back
  found[#found + 1] = anime
  found[#found + 1] = type(title) == 'string' and title or ''
end
return found
