#!lua
-- Record what a request was identified as and ask the sources, or, with none to ask, let it be finished at once.
-- KEYS 1 accepted stream, 2 state hash, 3 identified lane stream, 4 partials stream
-- ARGV 1 group, 2 entry id, 3 request id, 4 IdentifiedTitle as JSON, 5 number of sources asked, 6 verdict, 7 channel
-- Returns 1 when passed on, 0 when another consumer was faster, 2 when the request is closed or gone.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
if redis.call('HEXISTS', KEYS[2], 'request') == 0 or redis.call('HEXISTS', KEYS[2], 'done') == 1 then return 2 end
redis.call('HSET', KEYS[2], 'identified', ARGV[4], 'verdict', ARGV[6], 'asked', ARGV[5])
if tonumber(ARGV[5]) > 0 then
  redis.call('XADD', KEYS[3], '*', 'request_id', ARGV[3], 'data', ARGV[4])
else
  redis.call('XADD', KEYS[4], '*', 'request_id', ARGV[3], 'source', '', 'outcome', ARGV[6], 'left', 0)
end
redis.call('PUBLISH', ARGV[7], cjson.encode({request_id = ARGV[3], step = 'identified', detail = ARGV[6]}))
return 1
