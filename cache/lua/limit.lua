#!lua flags=allow-oom
-- Shared by the limit scripts. KEYS: site hash, grants, queue, leases; none has a TTL, so none can be evicted.
-- grants: zset, score = time of the grant; queue: zset, score = turn; leases: zset, score = when a waiter counts as
-- dead. All times are microseconds of this server's clock.
local site, grants, queue, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- Requests arrive a little after their grant, some later than others; a tenth more (at most 250 ms) keeps the
-- site's own count inside the window too.
local function read_windows(text)
  local windows = {}
  for permits, length in string.gmatch(text, '(%d+):(%d+)') do
    local plain = tonumber(length)
    windows[#windows + 1] = {permits = tonumber(permits), length = plain + math.min(plain / 10, 250000)}
  end
  return windows
end

-- What nobody watches leaves a tenth of each window to what somebody does, and a quarter of one under ten seconds; where another
-- window is the stricter one in the long run, at least one turn: that costs nothing.
local function without_reserve(windows)
  local pace = 0
  for _, window in ipairs(windows) do pace = math.max(pace, window.length / window.permits) end
  for _, window in ipairs(windows) do
    local share = window.length < 10250000 and 4 or 10
    local left = math.floor(window.permits / share)
    if left == 0 and window.length / (window.permits - 1) <= pace then left = 1 end
    window.permits = window.permits - left
  end
  return windows
end

local function leave(waiter)
  redis.call('ZREM', queue, waiter)
  redis.call('ZREM', leases, waiter)
  redis.call('HDEL', site, 'line:' .. waiter)
end

local function forget_the_dead(now)
  for _, waiter in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do leave(waiter) end
end

-- Grants from the future belong to a clock that was set back, beyond one window they cannot hold anybody up.
local function forget_old_grants(windows, now)
  local longest = 0
  for _, window in ipairs(windows) do longest = math.max(longest, window.length) end
  redis.call('ZREMRANGEBYSCORE', grants, '-inf', now - longest)
  redis.call('ZREMRANGEBYSCORE', grants, now + longest, '+inf')
end

-- When the grant after `turns - 1` others may happen: each must come a window's length after the one that is
-- `permits` grants older.
local function turn_time(windows, turns, now)
  local counted = math.min(turns, 1000)
  local past, planned, at = {}, {}, now
  for i, window in ipairs(windows) do
    local from = math.max(0, window.permits - counted)
    local scores = redis.call('ZREVRANGE', grants, from, window.permits - 1, 'WITHSCORES')
    past[i] = {from = from, scores = scores}
  end
  for turn = 1, counted do
    for i, window in ipairs(windows) do
      local earlier = planned[turn - window.permits]
      if turn <= window.permits then
        earlier = tonumber(past[i].scores[2 * (window.permits - turn - past[i].from) + 2])
      end
      if earlier then at = math.max(at, earlier + window.length) end
    end
    planned[turn] = at
  end
  local pace = 0
  for _, window in ipairs(windows) do pace = math.max(pace, window.length / window.permits) end
  return at + (turns - counted) * pace
end
