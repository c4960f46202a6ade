#!lua flags=no-writes
-- Records from a place on, those looked at longest ago first; one that is looked at meanwhile comes (again) behind that.
-- KEYS 1 records zset, 2 enriched stream
-- ARGV 1 prefix of the record keys, 2 score and 3 anime of the last one that was read ('' for none), 4 only those made after
--      this output entry ('' for all), 5 how many records at most, 6 how many bytes, about, 7 how many are looked at
-- Returns {last id given to an output, 1 when there is none behind these, score and anime of the last one looked at,
--          {anime, revision, entry that made the revision or '', packed record}...}
local records, enriched = unpack(KEYS)
local prefix, score, anime, after, most, most_bytes, most_looks = unpack(ARGV, 1, 7)
most, most_bytes, most_looks = tonumber(most), tonumber(most_bytes), tonumber(most_looks)
local function later(a, b)
  local am, as = string.match(a, '(%d+)-(%d+)')
  local bm, bs = string.match(b, '(%d+)-(%d+)')
  if tonumber(am) ~= tonumber(bm) then return tonumber(am) > tonumber(bm) end
  return tonumber(as) > tonumber(bs)
end
local last = '0-0'
if redis.call('EXISTS', enriched) == 1 then
  local info = redis.call('XINFO', 'STREAM', enriched)
  for i = 1, #info, 2 do if info[i] == 'last-generated-id' then last = info[i + 1] end end
end
local start = 0
if redis.call('ZSCORE', records, anime) == score then
  start = redis.call('ZRANK', records, anime) + 1
elseif score ~= '' then
  start = redis.call('ZCOUNT', records, '-inf', '(' .. score)
end
local found, bytes, looks = {}, 0, 0
while true do
  local batch = redis.call('ZRANGE', records, start, start + 49, 'WITHSCORES')
  for i = 1, #batch, 2 do
    if #found >= most or bytes >= most_bytes or looks >= most_looks then return {last, 0, score, anime, found} end
    anime, score, looks = batch[i], batch[i + 1], looks + 1
    local record = prefix .. anime
    if redis.call('TYPE', record).ok == 'hash' then
      local f = redis.call('HMGET', record, 'revision', 'made', 'data')
      local made = f[2] or ''
      if f[3] and (after == '' or made == '' or later(made, after)) then
        found[#found + 1] = {anime, f[1] or '0', made, f[3]}
        bytes = bytes + #f[3]
      end
    end
  end
  if #batch < 100 then return {last, 1, score, anime, found} end
  start = start + 50
end
