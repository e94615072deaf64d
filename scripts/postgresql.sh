#!/bin/sh
# Runs tests that use the store (arguments: which) on a PostgreSQL server of their own, which is gone afterwards.
set -eu
# Each test opens a store of its own, whose connections last as long as the test run: hence max_connections.
PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
command -v initdb >/dev/null || { echo "Please install PostgreSQL's server (on Debian: apt-get install postgresql)." >&2; exit 1; }
folder=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
    as="runuser -u postgres --"
    chown postgres "$folder"
    chmod 711 "$folder"
fi
server() { (cd "$folder" && $as "$@" >/dev/null); }
trap 'server "$(command -v pg_ctl)" -D "$folder/data" -m immediate stop; rm -rf "$folder"' EXIT
server "$(command -v initdb)" -D "$folder/data" -A trust -U inkline --no-sync
server "$(command -v pg_ctl)" -D "$folder/data" -o "-k $folder -c listen_addresses= -c fsync=off -c max_connections=500" -l "$folder/log" -w start
INKLINE_TEST_DATABASE="postgresql+psycopg://inkline@/postgres?host=$folder" \
    .venv/bin/python -m pytest "$@"
