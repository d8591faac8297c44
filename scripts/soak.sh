#!/usr/bin/env bash
# The long runs of two tests that are short otherwise. Wants a machine with nothing else to do.
#
# Usage: sudo ./scripts/soak.sh rotation | handshakes [COUNT]
#   rotation     leaves of 60 s, renewed every 20 s for five minutes, then the root, at 200 connections/s; none may fail
#   handshakes   COUNT handshakes (default 200000, a multiple of 6) at each of two proxies; their memory must stay flat
#
# Needs the .NET 10 SDK. Exit code: that of the test, 2 for wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

case "${1:-}" in
  rotation)
    export L4PROXY_SOAK_ROTATION_LIFETIME_SECONDS=60 L4PROXY_SOAK_ROTATION_EVERY_SECONDS=20 L4PROXY_SOAK_ROTATION_SECONDS=300
    test=RotationTests
    ;;
  handshakes)
    # Of the connections a third is between the two proxies, so counts divide by three, and by two for the measurement on the way.
    export L4PROXY_SOAK_HANDSHAKES=$(( ${2:-200000} / 6 * 6 ))
    test=HandshakeMemoryTests
    ;;
  --help | -h) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

if [[ -z ${L4PROXY_BINARY:-} ]]; then ./scripts/publish.sh; fi
dotnet test tests/L4Proxy.Tests --configuration Release --nologo --filter "FullyQualifiedName~Endurance.$test" --logger "console;verbosity=detailed"
