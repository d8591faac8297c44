#!/usr/bin/env bash
# as-owner.sh COMMAND...: runs a command as whoever owns this clone, so that a build started with sudo leaves nothing of root's in it.
set -euo pipefail
owner=$(stat --format=%U "$(dirname "$0")/..")
if (( EUID != 0 )) || [[ $owner == root || $owner == UNKNOWN ]]; then exec "$@"; fi
exec runuser --user "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
