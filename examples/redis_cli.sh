#!/bin/sh
# Publish a title and wait for its record, with redis-cli alone.
#   REDIS_URL=redis://localhost:6379 ./redis_cli.sh "Cowboy Bebop"
# A worker must be running: anime-enrich up
set -eu

title=${1:-Cowboy Bebop}
prefix=${STREAM_PREFIX:-anime}
redis() { redis-cli -u "${REDIS_URL:-redis://localhost:6379}" --raw "$@"; }

# The output of this request is sent to a stream of our own, too; so there is nothing to search through.
replies="replies:example:$$"
id=$(redis XADD "$prefix:requests" '*' title "$title" reply_to "$replies" priority interactive)
echo "published $id" >&2

# Name and value of each field stand on lines of their own: request_id, anime_id, title, revision, status, ..., data.
redis XREAD BLOCK 120000 COUNT 1 STREAMS "$replies" 0
redis UNLINK "$replies" > /dev/null
