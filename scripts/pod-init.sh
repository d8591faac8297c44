#!/usr/bin/env bash
# Init entry point of a pod: puts the interception rules in place and proves that they capture.
#
# Usage: pod-init.sh [OPTION]...
#   The options are those of `l4proxy redirect apply` and go to `l4proxy redirect verify` as well;
#   `l4proxy redirect apply --help` lists them.
#   Example: pod-init.sh --proxy-uid 1337 --exclude-inbound-ports 9090
#
# Needs uid 0 with CAP_NET_ADMIN (rules), CAP_SETUID and CAP_SETGID (the proof connects as the proxy).
# L4PROXY names the binary when it is not `l4proxy` on the PATH.
# Exit codes: 0 capturing, 1 failed and the pod must not start, 2 wrong usage.
set -euo pipefail

if [[ "${1:-}" == --help || "${1:-}" == -h ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
  exit 0
fi

l4proxy="${L4PROXY:-l4proxy}"
"$l4proxy" redirect apply "$@"
"$l4proxy" redirect verify "$@"
