#!lua flags=allow-oom
-- Cut a stream behind its slowest group: never an entry that is undelivered or unacknowledged somewhere.
-- KEYS 1 stream
-- ARGV 1 how many entries to keep at least, 2.. groups that must exist (others are not waited for)
-- Returns how many entries were cut.
local stream = unpack(KEYS)
local keep = unpack(ARGV, 1, 1)
local function lower(a, b)
  local am, as = string.match(a, '(%d+)-(%d+)')
  local bm, bs = string.match(b, '(%d+)-(%d+)')
  if tonumber(am) ~= tonumber(bm) then return tonumber(am) < tonumber(bm) end
  return tonumber(as) < tonumber(bs)
end
if redis.call('EXISTS', stream) == 0 then return 0 end
local function fields(reply)
  local f = {}
  for i = 1, #reply, 2 do f[reply[i]] = reply[i + 1] end
  return f
end
local info = fields(redis.call('XINFO', 'STREAM', stream))
local want = {}
for i = 2, #ARGV do want[ARGV[i]] = true end
local low
for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local f = fields(group)
  -- Redis 7.0 forgets after a restart how much a group has read; a lag that is none would keep autoscalers up for ever.
  if f['lag'] ~= 0 and f['last-delivered-id'] == info['last-generated-id'] then
    redis.call('XGROUP', 'SETID', stream, f['name'], f['last-delivered-id'], 'ENTRIESREAD', info['entries-added'])
  end
  if want[f['name']] or #ARGV == 1 then
    want[f['name']] = nil
    local id = f['last-delivered-id']
    if f['pending'] > 0 then id = redis.call('XPENDING', stream, f['name'])[2] end
    if not low or lower(id, low) then low = id end
  end
end
if next(want) then return 0 end
keep = tonumber(keep)
if keep == 0 then return low and redis.call('XTRIM', stream, 'MINID', '=', low) or 0 end
local size = redis.call('XLEN', stream)
if not low then return redis.call('XTRIM', stream, 'MAXLEN', '=', keep) end
local cut = 0
while size - cut > keep and cut < 2000 do
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  if not lower(first[1], low) then break end
  redis.call('XTRIM', stream, 'MAXLEN', '=', size - cut - 1)
  cut = cut + 1
end
return cut
