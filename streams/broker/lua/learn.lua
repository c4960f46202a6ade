#!lua
-- Count what one work teaches about the sites, in place of what it taught before; when it is time, freeze the counts into
-- the table that all workers use. All or nothing, so that no work counts twice.
-- KEYS 1 record hash, 2 counts hash, 3 table hash
-- ARGV 1 lessons (msgpack map: counts {name, number...}, recent {name, number...}), 2 fades (what is left of a recent count
--      when the next one comes), 3 step_ms (between two tables), 4 most (works after which all counts are halved)
-- Returns the version of the table in use, '' before the first one.
local record, counts, frozen = unpack(KEYS)
local lessons, fades, step_ms, most = unpack(ARGV)
if redis.call('EXISTS', record) == 0 then return redis.call('HGET', frozen, 'version') or '' end
local l = cmsgpack.unpack(lessons)
local epoch = tonumber(redis.call('HGET', counts, 'epoch') or '0')
local before = redis.call('HGET', record, 'learned')
local read, old = pcall(cmsgpack.unpack, before or '')
if read and type(old) == 'table' then
  local left = 0.5 ^ (epoch - old.epoch)
  for i = 1, #old.counts, 2 do redis.call('HINCRBYFLOAT', counts, old.counts[i], -left * old.counts[i + 1]) end
end
for i = 1, #l.counts, 2 do redis.call('HINCRBYFLOAT', counts, l.counts[i], l.counts[i + 1]) end
for i = 1, #l.recent, 2 do
  local value = tonumber(redis.call('HGET', counts, l.recent[i]) or '0') * fades + l.recent[i + 1]
  redis.call('HSET', counts, l.recent[i], string.format('%.6f', value))
end
redis.call('HSET', record, 'learned', cmsgpack.pack({epoch = epoch, counts = l.counts}))
local works = redis.call('HINCRBY', counts, 'works', before and 0 or 1)
if works >= tonumber(most) then
  local all = redis.call('HGETALL', counts)
  for i = 1, #all, 2 do
    if string.find(all[i], '/', 1, true) then
      redis.call('HSET', counts, all[i], string.format('%.6f', all[i + 1] / 2))
    end
  end
  redis.call('HSET', counts, 'works', math.floor(works / 2), 'epoch', epoch + 1)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = redis.call('HGET', counts, 'frozen_at')
if not at then redis.call('HSET', counts, 'frozen_at', string.format('%.0f', now)) end
if at and now - at >= tonumber(step_ms) then
  redis.call('HSET', counts, 'frozen_at', string.format('%.0f', now))
  local number = redis.call('HINCRBY', counts, 'tables', 1)
  redis.call('COPY', counts, frozen, 'REPLACE')
  redis.call('HSET', frozen, 'version', number .. '-' .. time[1])
end
return redis.call('HGET', frozen, 'version') or ''
