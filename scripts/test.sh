#!/usr/bin/env bash
# Runs every test, the demo last, and prints "N passed, N failed" as its last line.
#
# Usage: sudo ./scripts/test.sh
#
# Installs what the tests need with apt-get (Debian, Ubuntu); needs the .NET 10 SDK, and root for network namespaces. A skipped test counts
# as failed, and so does a project without tests. Exit code: 0 all passed, 1 not, 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ ${1:-} == --help || ${1:-} == -h ]]; then sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0; fi
[[ $# -eq 0 ]] || { echo "test.sh: takes no option but --help" >&2; exit 2; }
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8

passed=0 failed=0
results=$(mktemp --directory)
# A copy, because uid 1337 and nobody run it, who may not be able to read the clone (a home directory, say).
export L4PROXY_BINARY="$results/l4proxy/l4proxy"

finish() {
  trap - EXIT
  rm -rf "$results"
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 ]] || exit 1
  exit 0
}
trap 'failed=$((failed + 1)); finish' EXIT   # whatever ends this script early is a failure of its own

attribute() { grep --only-matching --max-count=1 " $2=\"[0-9]*\"" <<<"$1" | tr --delete --complement 0-9; }

run_project() { # CSPROJ
  local name status=0 counters total good
  name=$(basename "$1" .csproj)
  echo "== $name"
  # No project takes nearly as long; one that hangs must not hang the build.
  timeout --kill-after=30 1200 dotnet test "$1" --configuration Release --no-build --nologo \
    --results-directory "$results" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" || status=$?
  counters=$(grep --no-messages '<Counters ' "$results/$name.trx" || true)
  total=$(attribute "$counters" total || true) good=$(attribute "$counters" passed || true)
  passed=$((passed + ${good:-0}))
  failed=$((failed + ${total:-0} - ${good:-0}))
  if [[ ${total:-0} -eq 0 ]]; then
    echo "$name ran no test (exit code $status)"
    failed=$((failed + 1))
  elif [[ $total -eq $good && $status -ne 0 ]]; then
    echo "$name: every test passed, and yet dotnet test ended with exit code $status"
    failed=$((failed + 1))
  fi
}

(( EUID == 0 )) || { echo "test.sh: network namespaces need root; run: sudo ./scripts/test.sh" >&2; exit 1; }
./scripts/packages.sh nft=nftables iptables ip=iproute2 conntrack socat setpriv=util-linux curl nginx=nginx-light libnginx-mod-stream haproxy \
  redis-server redis-cli=redis-tools mariadbd=mariadb-server mariadb=mariadb-client openssl pgrep=procps jq \
  gnutls-cli=gnutls-bin stunnel=stunnel4 node=nodejs
./scripts/as-owner.sh ./scripts/publish.sh
cp --recursive artifacts/l4proxy "$results/l4proxy"
chmod --recursive a+rX "$results"
./scripts/as-owner.sh dotnet build L4Proxy.sln --configuration Release --nologo --verbosity quiet   # Directory.Build.props makes warnings errors

for project in tests/*/*.csproj; do run_project "$project"; done

echo "== scripts/demo.sh"
if ./scripts/demo.sh; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
finish
