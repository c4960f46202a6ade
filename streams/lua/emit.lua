#!lua
-- Emit one revision: output entry, record, done mark, acknowledgement of the cause; all or nothing, once.
-- KEYS 1 partials stream, 2 state hash, 3 enriched stream, 4 deadlines zset, 5 record hash, 6 closed zset, 7 records zset
-- ARGV 1 group, 2 entry id ('' for a deadline), 3 request id, 4 state version read, 5 record revision read,
--      6 mode (final, revision, early), 7 content hash, 8 packed record ('' when there is no anime), 9 anime id,
--      10 revision, 11 status, 12 channel, 13 next refresh in ms or '', 14.. fields of the output entry (none: emit nothing)
-- Returns the entry id, '' when nothing was to be emitted, 'done', 'state' or 'record' when the caller must look again.
local function ack() if ARGV[2] ~= '' then redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) end end
local done = redis.call('HEXISTS', KEYS[2], 'done')
if redis.call('HEXISTS', KEYS[2], 'request') == 0 or (done == 1 and ARGV[6] ~= 'revision') then ack(); return 'done' end
if (redis.call('HGET', KEYS[2], 'version') or '0') ~= ARGV[4] then return 'state' end
if ARGV[8] ~= '' and (redis.call('HGET', KEYS[5], 'revision') or '0') ~= ARGV[5] then return 'record' end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local id = ''
if #ARGV > 13 then
  id = redis.call('XADD', KEYS[3], '*', unpack(ARGV, 14))
  local state = redis.call('HKEYS', KEYS[2])
  for _, field in ipairs(state) do
    if string.sub(field, 1, 6) == 'reply:' then redis.call('XADD', string.sub(field, 7), '*', unpack(ARGV, 14)) end
  end
end
if ARGV[8] ~= '' then
  local same = redis.call('HGET', KEYS[5], 'hash') == ARGV[7]
  if same then redis.call('HINCRBY', KEYS[5], 'unchanged', 1) else redis.call('HSET', KEYS[5], 'unchanged', 0) end
  redis.call('HSET', KEYS[5], 'revision', ARGV[10], 'hash', ARGV[7], 'data', ARGV[8], 'entry', id, 'request_id', ARGV[3], 'at', now)
  redis.call('ZADD', KEYS[7], now, ARGV[9])
  if ARGV[13] ~= '' then redis.call('HSET', KEYS[5], 'refresh_at', ARGV[13]) end
end
if ARGV[6] == 'final' then
  redis.call('HSET', KEYS[2], 'done', id, 'anime_id', ARGV[9], 'revision', ARGV[10], 'status', ARGV[11])
  redis.call('ZREM', KEYS[4], ARGV[3])
  redis.call('ZADD', KEYS[6], now, ARGV[3])
  if ARGV[11] == 'complete' then
    redis.call('HSET', KEYS[2], 'compact', 1)
    for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
      if string.sub(field, 1, 2) == 'p:' then redis.call('HDEL', KEYS[2], field) end
    end
  end
elseif ARGV[6] == 'early' then
  redis.call('HSET', KEYS[2], 'early', id)
end
ack()
redis.call('PUBLISH', ARGV[12], cjson.encode({request_id = ARGV[3], step = ARGV[6], detail = ARGV[11], entry = id}))
return id
