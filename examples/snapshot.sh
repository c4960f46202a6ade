#!/bin/sh
# Read every record with redis-cli alone, and learn where the changes begin.
#   REDIS_URL=redis://localhost:6379 ./snapshot.sh > catalogue.jsonl
# The door must be open: SNAPSHOT_REQUESTS=true anime-enrich up
set -eu

prefix=${STREAM_PREFIX:-anime}
reply="snapshot:example:$$"
redis() { redis-cli -u "${REDIS_URL:-redis://localhost:6379}" --raw "$@"; }

redis XADD "$prefix:snapshots" '*' reply_to "$reply" profile "${1:-slim}" > /dev/null
while :; do
    # The name of the stream, the entry's id, then name and value of each field, a line each.
    found=$(redis XREAD COUNT 1 BLOCK 60000 STREAMS "$reply" 0)
    [ -n "$found" ] || { echo "nothing came in a minute; is the door open?" >&2; exit 1; }
    entry=$(printf '%s\n' "$found" | sed -n 2p)
    value() { printf '%s\n' "$found" | sed -n "/^$1\$/{n;p;q;}"; }
    kind=$(value kind)
    [ "$kind" = record ] && value data
    redis XDEL "$reply" "$entry" > /dev/null # taking off what is read makes room for more
    [ "$kind" = record ] || break
done
redis UNLINK "$reply" > /dev/null
[ "$kind" = end ] || { echo "$kind: $(value message)$(value cursor)" >&2; exit 1; }
echo "$(value count) records; go on with: XREAD STREAMS $prefix:enriched $(value resume)" >&2
