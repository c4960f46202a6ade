#!lua
-- Record what a request was identified as and ask the sources, or, with none to ask, let it be finished at once.
-- What is known already of what some say goes in with it, and they are not asked.
-- KEYS 1 accepted stream, 2 state hash, 3 identified lane stream, 4 partials stream
-- ARGV 1 group, 2 entry id, 3 request id, 4 IdentifiedTitle as JSON, 5 number of sources asked, 6 verdict, 7 channel,
--      8 traceparent, 9.. of each known: source, packed partial, outcome, reason or '', mark
-- Returns 1 when passed on, 0 when another consumer was faster, 2 when the request is closed or gone.
local stream, state, lane, partials = unpack(KEYS)
local group, entry, request, body, asked, verdict, channel, traceparent = unpack(ARGV, 1, 8)
if redis.call('XACK', stream, group, entry) == 0 then return 0 end
local opened, done = unpack(redis.call('HMGET', state, 'request', 'done'))
if not opened or done then return 2 end
redis.call('HSET', state, 'identified', body, 'verdict', verdict, 'asked', asked)
redis.call('PUBLISH', channel, cjson.encode({request_id = request, step = 'identified', detail = verdict}))
local known = {}
for i = 9, #ARGV, 5 do
  local source, partial, outcome, reason, mark = unpack(ARGV, i, i + 4)
  known[#known + 1] = source
  redis.call('HSET', state, 'p:' .. source, partial, 'g:' .. source, outcome .. ' ' .. mark)
  redis.call('PUBLISH', channel, cjson.encode({request_id = request, step = 'partial', source = source, detail = outcome, reason = reason}))
end
if #known > 0 then redis.call('HSET', state, 'have', #known, 'version', #known) end
local left = tonumber(asked) - #known
if left > 0 then
  redis.call('XADD', lane, '*', 'request_id', request, 'data', body, 'known', table.concat(known, ' '))
end
local early = #known > 0 and string.find(opened, '"early":true', 1, true) and 1 or 0
if left == 0 or early == 1 then
  redis.call('XADD', partials, '*', 'request_id', request, 'source', '', 'outcome', verdict, 'left', left, 'early', early,
    'traceparent', traceparent)
end
return 1
