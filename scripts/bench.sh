#!/usr/bin/env bash
# Usage: sudo ./scripts/bench.sh [--help] [options of L4Proxy.Load]
#
# Compares L4Proxy with HAProxy and nginx on this machine: CPU per GB, per round trip, per connection, memory per idle connection.
# Installs HAProxy and nginx from the distribution if they are missing (that needs root; their services are not started), builds,
# measures on loopback with everything pinned, prints a table. Needs two cores with nothing else running on them.
#
#   ./scripts/bench.sh --quick                          a look, about three minutes
#   ./scripts/bench.sh --report out                     the full run with a page of charts
#   ./scripts/bench.sh --mtls --report out-mtls          pairs of proxies with mutual TLS between them
#   ./scripts/bench.sh --aa --workloads rr-128          the noise of this machine
#   ./scripts/bench.sh --help-options                   all options of the tool
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  --help | -h)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
    exit 0
    ;;
esac

missing=()
command -v haproxy >/dev/null || missing+=(haproxy)
command -v nginx >/dev/null || missing+=(nginx-light)
# nginx without its stream module cannot forward TCP; Debian and Ubuntu package the module apart.
if ! nginx -V 2>&1 | grep -q -- '--with-stream\( \|$\)' && [ ! -e /usr/lib/nginx/modules/ngx_stream_module.so ]; then
  missing+=(libnginx-mod-stream)
fi
command -v ip >/dev/null || missing+=(iproute2)

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "error: missing ${missing[*]}; run this once with sudo, or: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  # Packages ask this file whether they may start their service; 101 means no (policy-rc.d of Debian).
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ -x scripts/publish.sh ]; then
  ./scripts/publish.sh
fi

dotnet build bench/L4Proxy.Load -c Release --nologo -v quiet
if [ "${1:-}" = --help-options ]; then
  set -- --help
fi
bench/L4Proxy.Load/bin/Release/net10.0/L4Proxy.Load "$@"
