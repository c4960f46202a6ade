#!lua flags=allow-oom
-- Cut a stream behind its slowest group: never an entry that is undelivered or unacknowledged somewhere.
-- KEYS 1 stream
-- ARGV 1 how many entries to keep at least, 2.. groups that must exist (others are not waited for)
-- Returns how many entries were cut.
local function lower(a, b)
  local am, as = string.match(a, '(%d+)-(%d+)')
  local bm, bs = string.match(b, '(%d+)-(%d+)')
  if tonumber(am) ~= tonumber(bm) then return tonumber(am) < tonumber(bm) end
  return tonumber(as) < tonumber(bs)
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local function fields(reply)
  local f = {}
  for i = 1, #reply, 2 do f[reply[i]] = reply[i + 1] end
  return f
end
local stream = fields(redis.call('XINFO', 'STREAM', KEYS[1]))
local want = {}
for i = 2, #ARGV do want[ARGV[i]] = true end
local low
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local f = fields(group)
  -- Redis 7.0 forgets after a restart how much a group has read; a lag that is none would keep autoscalers up for ever.
  if f['lag'] ~= 0 and f['last-delivered-id'] == stream['last-generated-id'] then
    redis.call('XGROUP', 'SETID', KEYS[1], f['name'], f['last-delivered-id'], 'ENTRIESREAD', stream['entries-added'])
  end
  if want[f['name']] or #ARGV == 1 then
    want[f['name']] = nil
    local id = f['last-delivered-id']
    if f['pending'] > 0 then id = redis.call('XPENDING', KEYS[1], f['name'])[2] end
    if not low or lower(id, low) then low = id end
  end
end
if next(want) then return 0 end
local keep = tonumber(ARGV[1])
if keep == 0 then return low and redis.call('XTRIM', KEYS[1], 'MINID', '=', low) or 0 end
local size = redis.call('XLEN', KEYS[1])
if not low then return redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', keep) end
local cut = 0
while size - cut > keep and cut < 500 do
  local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  if not first or not lower(first[1], low) then break end
  redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', size - cut - 1)
  cut = cut + 1
end
return cut
