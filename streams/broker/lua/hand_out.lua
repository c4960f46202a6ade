#!lua
-- Hand a part of a snapshot to who asked for it, and remember how far that is; the last part ends the request. All or nothing.
-- KEYS 1 snapshots stream, 2 reply stream, 3 progress hash
-- ARGV 1 group, 2 entry of the request, 3 consumer, 4 cursor behind this part, 5 how many records that makes, 6 '1' for the
--      last part, 7 ms after which what nobody fetches is dropped, 8 the entries of the part (msgpack list of {field, value...})
-- Returns 1, or 0 when the request is in another consumer's hands by now.
local snapshots, reply, progress = unpack(KEYS)
local group, entry, consumer, cursor, count, last, ttl_ms, part = unpack(ARGV, 1, 8)
local mine = redis.call('XPENDING', snapshots, group, entry, entry, 1, consumer)
if #mine == 0 then return 0 end
for _, fields in ipairs(cmsgpack.unpack(part)) do redis.call('XADD', reply, '*', unpack(fields)) end
redis.call('PEXPIRE', reply, ttl_ms)
if last == '1' then
  redis.call('XACK', snapshots, group, entry)
  redis.call('XDEL', snapshots, entry)
  redis.call('UNLINK', progress)
else
  redis.call('HSET', progress, 'cursor', cursor, 'count', count)
  redis.call('PEXPIRE', progress, ttl_ms)
end
return 1
