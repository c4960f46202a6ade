#!lua
-- Emit one revision: output entry, record, done mark, acknowledgement of the cause; all or nothing, once.
-- KEYS 1 partials stream, 2 state hash, 3 enriched stream, 4 deadlines zset, 5 record hash, 6 closed zset, 7 records zset,
--      8 aliases hash, 9 refresh zset, 10 dead-letter stream
-- ARGV 1 order (msgpack map), 2 packed record ('' when the record is not to be touched), 3.. fields of the output entry
--      (none: emit nothing). The order holds:
--      group, entry ('' for a deadline), request, version (of the state read), known (record revision read), mode (final,
--      revision, early), hash, anime, revision, status, channel, refresh ('' or ms), keep_ms (how much longer than others
--      the state is kept), makes (whether this entry makes the revision, and is named by it), publisher (the request that
--      somebody published for it), reply_max, aliases ({id, anime it was read as belonging to}...), copy (sources whose partial
--      goes beside the record), replaced (what goes there instead, by source), answered (sources whose dead letters go),
--      drop (sources whose partial goes), facts
--      ({field, value...} for the record hash), whole (the output entry whose data is told again, '' for a record that is
--      sent), inputs (what the record must be made of, then), parts (the parts of the record that reply streams want, by
--      the name that the state gives them), partial (whether there is a record to take parts of), survivor ('' or the work that
--      goes on in place of this one: its ids lead there from now on), survivor_key (the record hash of that), identified (the
--      IdentifiedTitle of a request that is answered as soon as it is identified, '' for others), outcomes (how its sources
--      fared, by source), asked (how many)
-- Reads before it writes: state, record, aliases
-- Returns the entry id, '' when nothing was to be emitted, 'done', 'state' or 'record' when the caller must look again,
-- 'whole' when it must send the record after all.
local stream, state, enriched, deadlines, record, closed, records, aliases, refresh, dead = unpack(KEYS)
local order, packed = unpack(ARGV, 1, 2)
local o = cmsgpack.unpack(order)
local function ack() if o.entry ~= '' then redis.call('XACK', stream, o.group, o.entry) end end
local function read(key, names)
  local found = {}
  for number, value in ipairs(redis.call('HMGET', key, unpack(names))) do found[names[number]] = value end
  return found
end
local function write(key, new)
  local words = {}
  for field, value in pairs(new) do words[#words + 1], words[#words + 2] = field, value end
  redis.call('HSET', key, unpack(words))
end
local held, fields, to_state, to_record = {}, {}, {}, {}
if o.identified ~= '' then  -- nothing of what the sources said lies there
  local all = redis.call('HGETALL', state)
  for i = 1, #all, 2 do held[all[i]], fields[#fields + 1] = all[i + 1], all[i] end
else
  held = read(state, {'request', 'done', 'early', 'version', 'outputs'})
end
if not held.request or (held.done and o.mode ~= 'revision') then ack(); return 'done' end
if o.mode == 'early' and held.early then ack(); return 'done' end
if (held.version or '0') ~= o.version then return 'state' end
if o.identified ~= '' and held.identified then ack(); return 'done' end  -- the sources are asked already
local again, told = o.whole ~= '', {unpack(ARGV, 3)}
local touched, lies = packed ~= '' or again, {}
if touched then
  local wanted = {'revision', 'hash', 'unchanged', 'aliases', 'inputs'}
  for _, source in ipairs(o.answered) do wanted[#wanted + 1] = 'd:' .. source end
  lies = read(record, wanted)
  if (lies.revision or '0') ~= o.known or (again and lies.inputs ~= o.inputs) then return 'record' end
  if o.survivor ~= '' and redis.call('HEXISTS', o.survivor_key, 'revision') == 0 then return 'record' end
  local names = {}
  for number, alias in ipairs(o.aliases) do names[number] = alias[1] end
  local belong = #names > 0 and redis.call('HMGET', aliases, unpack(names))
  for number, alias in ipairs(o.aliases) do
    if (belong[number] or '') ~= alias[2] then return 'record' end
  end
end
local replies = {}
if o.identified == '' then fields = redis.call('HKEYS', state) end
for _, field in ipairs(fields) do
  if string.sub(field, 1, 6) == 'reply:' and #told > 0 then
    local part = redis.call('HGET', state, field)
    if part ~= '1' and again then return 'whole' end
    if part ~= '1' and o.partial and not o.parts[part] then return 'state' end
    replies[string.sub(field, 7)] = part
  end
end
if again and #told > 0 then
  local entry, data = redis.call('XRANGE', enriched, o.whole, o.whole)[1], nil
  for number = 1, entry and #entry[2] or 0, 2 do
    if entry[2][number] == 'data' then data = entry[2][number + 1] end
  end
  if not data then return 'whole' end
  told[#told + 1] = 'data'
  told[#told + 1] = data
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function at(ms) return string.format('%.0f', ms) end
local function number()
  to_state.outputs = at(math.max(now, (tonumber(to_state.outputs or held.outputs) or 0) + 1))
  return o.request .. '#' .. to_state.outputs
end
local id = ''
if #told > 0 then
  local name = o.makes and o.anime .. '@' .. o.revision or number()
  id = redis.call('XADD', enriched, '*', 'output_id', name, unpack(told))
  -- what comes late must not bring back a reply stream that its reader has deleted
  local how = o.mode == 'revision' and {'NOMKSTREAM', 'MAXLEN'} or {'MAXLEN'}
  for reply, part in pairs(replies) do
    local data = o.parts[part]
    local words = {'XADD', reply, unpack(how)}
    for _, word in ipairs({'~', o.reply_max, '*', 'output_id', data and number() or name}) do words[#words + 1] = word end
    for i = 1, #told, 2 do
      words[#words + 1] = told[i]
      words[#words + 1] = told[i] == 'data' and data or told[i + 1]
    end
    -- pcall: a reply stream that is none must not break off what has begun
    redis.pcall(unpack(words))
  end
end
if touched then
  if o.makes then
    to_record.made = id
  end
  local before = lies.hash == o.hash and (tonumber(lies.unchanged) or 0) or -1
  to_record.unchanged, to_record.request_id, to_record.publisher, to_record.at = before + 1, o.request, o.publisher, at(now)
  to_record.entry, to_record.whole = id, again and id == '' and o.whole or id
  if not again then
    to_record.revision, to_record.hash, to_record.data = o.revision, o.hash, packed
    for i = 1, #o.facts, 2 do to_record[o.facts[i]] = o.facts[i + 1] end
  end
  if o.refresh ~= '' then
    to_record.refresh_at = o.refresh
    redis.call('ZADD', refresh, o.refresh, o.anime)
  end
  write(record, to_record)
  if #o.copy > 0 then
    local said, kept = {}, {}
    for number, source in ipairs(o.copy) do said[number] = 'p:' .. source end
    local partials = redis.call('HMGET', state, unpack(said))
    for number, source in ipairs(o.copy) do
      local partial = o.replaced[source] or partials[number]
      if partial then
        kept[#kept + 1] = 's:' .. source
        kept[#kept + 1] = partial
      end
    end
    if #kept > 0 then redis.call('HSET', record, unpack(kept)) end
  end
  for _, source in ipairs(o.answered) do
    local waiting = lies['d:' .. source]
    for letter in string.gmatch(waiting or '', '%S+') do
      redis.pcall('XDEL', dead, letter)  -- pcall: a long list of letters was cut somewhere
    end
    if waiting then redis.call('HDEL', record, 'd:' .. source) end
  end
  for _, field in ipairs(fields) do
    if string.sub(field, 1, 2) == 'd:' then
      local source = string.sub(field, 3)
      local letters = (redis.call('HGET', record, 'd:' .. source) or '') .. ' ' .. redis.call('HGET', state, field)
      redis.call('HSET', record, 'd:' .. source, string.sub(letters, -1000))
      redis.call('HDEL', state, 'd:' .. source)
    end
  end
  for _, source in ipairs(o.drop) do redis.call('HDEL', record, 's:' .. source, 't:' .. source) end
  local mine = lies.aliases
  for _, alias in ipairs(o.aliases) do
    if alias[2] == '' and redis.call('HSETNX', aliases, alias[1], o.anime) == 1 then mine = (mine or '') .. alias[1] .. '\n' end
  end
  if mine ~= lies.aliases then redis.call('HSET', record, 'aliases', mine) end
  -- Who reads the records in this order misses none: it is that of the output, also within a millisecond (a double has
  -- room for 1/4096 of one) and when the clock was set back.
  local ms, number = string.match(id, '(%d+)-(%d+)')
  local looked = math.max(now, ms and ms + number / 4096 or 0)
  redis.call('ZADD', records, 'GT', string.format('%.6f', looked), o.anime)
  if o.survivor ~= '' then
    local theirs = redis.call('HGET', o.survivor_key, 'aliases') or ''
    for alias in string.gmatch(mine or '', '[^\n]+') do
      if redis.call('HGET', aliases, alias) == o.anime then
        redis.call('HSET', aliases, alias, o.survivor)
        theirs = theirs .. alias .. '\n'
      end
    end
    redis.call('HSET', o.survivor_key, 'aliases', theirs)
    redis.call('ZREM', refresh, o.anime)
  end
end
if o.mode ~= 'early' then
  for _, field in ipairs(fields) do
    if string.sub(field, 1, 2) == 'r:' and redis.call('HGET', state, field) == 'in' then
      if redis.call('HEXISTS', state, 'w:' .. string.sub(field, 3)) == 1 then redis.call('HSET', state, field, 'asked')
      else redis.call('HDEL', state, field) end
    end
  end
  to_state.status = o.status
  if o.identified ~= '' then
    to_state.identified, to_state.verdict, to_state.asked, to_state.have = o.identified, 'accept', o.asked, o.asked
  end
  if o.mode == 'final' then
    to_state.done, to_state.anime_id, to_state.revision = id, o.anime, o.revision
    redis.call('ZREM', deadlines, o.request)
  elseif id ~= '' then
    to_state.late = id
  end
  redis.call('ZADD', closed, at(now + o.keep_ms), o.request)
  local waits = false
  for _, field in ipairs(fields) do waits = waits or string.sub(field, 1, 2) == 'w:' end
  if o.status == 'complete' and not waits then  -- whoever was asked again meanwhile still has something to say
    to_state.compact = 1
    local gone = {}
    for _, field in ipairs(fields) do
      local family = string.sub(field, 1, 2)
      if family == 'p:' or family == 'g:' then gone[#gone + 1] = field end
    end
    if #gone > 0 then redis.call('HDEL', state, unpack(gone)) end
  end
else
  to_state.early = id
end
write(state, to_state)
ack()
local step = {request_id = o.request, step = o.mode, detail = o.status, entry = id}
if o.identified ~= '' then step.outcomes = o.outcomes end
redis.call('PUBLISH', o.channel, cjson.encode(step))
return id
