#!lua flags=no-writes
-- What went out after an entry, and how far back the output goes.
-- KEYS 1 enriched stream
-- ARGV 1 the entry, 2 how many at most
-- Returns {last id ever given, the first that is kept or '', 1 when none was ever cut, {id, {field, value...}}...}
local enriched = unpack(KEYS)
local since, most = unpack(ARGV, 1, 2)
if redis.call('EXISTS', enriched) == 0 then return {'0-0', '', 1, {}} end
local info, f = redis.call('XINFO', 'STREAM', enriched), {}
for i = 1, #info, 2 do f[info[i]] = info[i + 1] end
local first = f['first-entry'] and f['first-entry'][1] or ''
local whole = f['entries-added'] == f['length'] and 1 or 0
local entries = {}
if tonumber(most) > 0 then entries = redis.call('XRANGE', enriched, '(' .. since, '+', 'COUNT', most) end
return {f['last-generated-id'], first, whole, entries}
