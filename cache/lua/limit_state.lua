-- ARGV: how many further requests to look ahead, windows to use when none were seen yet.
-- Returns {microseconds until they are done, until the ban ends, reason, windows, interactive, bulk, used...}.
local requests = tonumber(ARGV[1])
local text = redis.call('HGET', site, 'windows') or ARGV[2]
local windows, now = read_windows(text), clock()
forget_the_dead(now)
local waiting = {interactive = 0, bulk = 0}
local fields = redis.call('HGETALL', site)
for i = 1, #fields, 2 do
  local priority, count = string.match(fields[i + 1], '^(%a+):(%d+)$')
  if priority and string.sub(fields[i], 1, 5) == 'line:' then waiting[priority] = waiting[priority] + tonumber(count) end
end
local ban = math.max(0, tonumber(redis.call('HGET', site, 'banned_until') or 0) - now)
local turns = waiting.interactive + waiting.bulk + requests
local ready = math.ceil(turn_time(windows, turns, now + ban) - now)
local reason = ban > 0 and redis.call('HGET', site, 'reason') or ''
local answer = {ready, ban, reason, text, waiting.interactive, waiting.bulk}
for _, window in ipairs(windows) do
  answer[#answer + 1] = redis.call('ZCOUNT', grants, string.format('(%.0f', now - window.length), '+inf')
end
return answer
