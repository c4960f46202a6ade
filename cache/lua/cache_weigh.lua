-- Weigh cached entries without carrying their bodies over the wire.
-- KEYS     the entries
-- ARGV[1]  how many bytes of each variant to return (its fixed header)
-- Returns for each key: {milliseconds to live, bytes of memory, {beginnings of its variants}}; no key is changed.
local weighed = {}
for i, key in ipairs(KEYS) do
  local beginnings = {}
  if redis.call('TYPE', key).ok == 'hash' then
    for j, value in ipairs(redis.call('HVALS', key)) do
      beginnings[j] = string.sub(value, 1, tonumber(ARGV[1]))
    end
  end
  weighed[i] = {redis.call('PTTL', key), redis.call('MEMORY', 'USAGE', key) or 0, beginnings}
end
return weighed
