#!lua
-- Take a request in: acknowledge it, open its state with a deadline, pass it on to its lane. One step, once.
-- KEYS 1 requests stream, 2 state hash, 3 deadlines zset, 4 lane stream, 5 enriched stream
-- ARGV 1 group, 2 entry id, 3 request id, 4 request as JSON, 5 deadline in ms, 6 reply stream or '', 7 traceparent
--      8 part of a record that the reply stream gets ('1' for a whole one), 9 that part of the output of a request that has
--      ended ('' when it was not looked at yet)
-- Reads before it writes: state
-- Returns 'new', 'duplicate', 'lost' when another consumer was faster, or 'again' when it is needed what 9 is.
local stream, state, deadlines, lane, enriched = unpack(KEYS)
local group, entry, request, body, deadline_ms, reply_to, traceparent, part, data = unpack(ARGV, 1, 9)
local known = redis.call('HEXISTS', state, 'request') == 1
local done = known and redis.call('HGET', state, 'done')
local ended = done and done ~= ''
if ended and reply_to ~= '' and part ~= '1' and data == '' then return 'again' end
if redis.call('XACK', stream, group, entry) == 0 then return 'lost' end
if known then
  if reply_to ~= '' and not done then redis.call('HSET', state, 'reply:' .. reply_to, part) end
  local first = ended and reply_to ~= '' and redis.call('XRANGE', enriched, done, done)[1]
  if first then
    local fields = first[2]
    if part ~= '1' then
      local t = redis.call('TIME')
      local number = math.max(t[1] * 1000, (tonumber(redis.call('HGET', state, 'outputs')) or 0) + 1)
      redis.call('HSET', state, 'outputs', string.format('%.0f', number))
      for i = 1, #fields, 2 do
        if fields[i] == 'data' then fields[i + 1] = data end
        if fields[i] == 'output_id' then fields[i + 1] = request .. '#' .. string.format('%.0f', number) end
      end
    end
    redis.pcall('XADD', reply_to, '*', unpack(fields))  -- pcall: it may be no stream
  end
  return 'duplicate'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = string.format('%.0f', now + deadline_ms)
redis.call('HSET', state, 'request', body, 'accepted_at', string.format('%.0f', now), 'deadline_at', due, 'have', 0)
if reply_to ~= '' then redis.call('HSET', state, 'reply:' .. reply_to, part) end
redis.call('ZADD', deadlines, due, request)
redis.call('XADD', lane, '*', 'request_id', request, 'data', body, 'deadline_at', due, 'traceparent', traceparent)
return 'new'
