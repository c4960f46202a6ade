-- ARGV: waiter, priority, waiters behind it in its process, waiters before it there (then only an estimate is given),
-- longest wait or -1, windows, ages of grants that an outage kept from us.
-- Returns {granted | wait | too_long | banned, microseconds, reason}.
local waiter, priority, behind, ahead = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local max_wait, windows = tonumber(ARGV[5]), read_windows(ARGV[6])
local HEAD_START, HEARTBEAT, GRACE = 60000000, 1000000, 1500000
local now = clock()

local n = 0
for age in string.gmatch(ARGV[7], '%d+') do
  n = n + 1
  redis.call('ZADD', grants, now - tonumber(age), waiter .. ':' .. n)
end
local ban = tonumber(redis.call('HGET', site, 'banned_until') or 0)
if ban > now then
  leave(waiter)
  return {'banned', ban - now, redis.call('HGET', site, 'reason')}
end
local granted = redis.call('ZSCORE', grants, waiter)
if granted then return {'granted', math.max(0, now - tonumber(granted)), ''} end
if redis.call('HGET', site, 'windows') ~= ARGV[6] then redis.call('HSET', site, 'windows', ARGV[6]) end
forget_the_dead(now)
forget_old_grants(windows, now)
if priority ~= 'interactive' then windows = without_reserve(windows) end

-- A bulk waiter stands behind every interactive one that comes within its head start: first come, but not for ever.
local turn = now
if priority == 'bulk' then turn = now + HEAD_START end
if priority == 'following' then turn = now + 2 * HEAD_START end
local turns
if ahead > 0 then
  turns = (ahead + 1) * math.max(1, redis.call('ZCOUNT', queue, '-inf', turn))
else
  redis.call('ZADD', queue, 'NX', turn, waiter)
  turns = redis.call('ZRANK', queue, waiter) + 1
end
local wait = math.ceil(turn_time(windows, turns, now) - now)
if ahead == 0 and wait <= 0 then
  redis.call('ZADD', grants, now, waiter)
  leave(waiter)
  return {'granted', 0, ''}
end
if max_wait >= 0 and wait > max_wait then
  leave(waiter)
  return {'too_long', wait, ''}
end
if ahead == 0 then
  redis.call('ZADD', leases, now + math.min(wait, HEARTBEAT) + GRACE, waiter)
  -- readers of versions before know two priorities
  redis.call('HSET', site, 'line:' .. waiter, (priority == 'following' and 'bulk' or priority) .. ':' .. (behind + 1))
end
return {'wait', wait, ''}
