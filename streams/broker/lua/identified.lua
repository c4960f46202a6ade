#!lua
-- Record what a request was identified as and ask the sources, or, with none to ask, let it be finished at once.
-- KEYS 1 accepted stream, 2 state hash, 3 identified lane stream, 4 partials stream
-- ARGV 1 group, 2 entry id, 3 request id, 4 IdentifiedTitle as JSON, 5 number of sources asked, 6 verdict, 7 channel
-- Returns 1 when passed on, 0 when another consumer was faster, 2 when the request is closed or gone.
local stream, state, lane, partials = unpack(KEYS)
local group, entry, request, body, asked, verdict, channel = unpack(ARGV, 1, 7)
if redis.call('XACK', stream, group, entry) == 0 then return 0 end
if redis.call('HEXISTS', state, 'request') == 0 or redis.call('HEXISTS', state, 'done') == 1 then return 2 end
redis.call('HSET', state, 'identified', body, 'verdict', verdict, 'asked', asked)
if tonumber(asked) > 0 then
  redis.call('XADD', lane, '*', 'request_id', request, 'data', body)
else
  redis.call('XADD', partials, '*', 'request_id', request, 'source', '', 'outcome', verdict, 'left', 0)
end
redis.call('PUBLISH', channel, cjson.encode({request_id = request, step = 'identified', detail = verdict}))
return 1
