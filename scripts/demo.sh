#!/usr/bin/env bash
# Shows captured connections under mutual TLS and policy: three pods (network namespaces), a proxy with an identity beside each, real
# programs that know of none, and a fourth pod without a proxy.
#
# Usage: sudo ./scripts/demo.sh [--keep | --stop | --help]
#   --keep   leave everything running and say how to look around
#   --stop   take down what --keep left
#
# Installs what is missing with apt-get (Debian, Ubuntu); needs the .NET 10 SDK and root. The machine's own network, rules and services
# are not touched, and nothing is left behind. Exit code: 0 all went as told, 1 not, 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8
umask 022

readonly state=/var/lib/l4proxy-demo
readonly l4proxy=$state/l4proxy/l4proxy
readonly pods=(shop store data)
readonly outside=outside   # a pod without a proxy
declare -rA number=([shop]=11 [store]=12 [data]=13 [outside]=14)
# shellcheck source=scripts/demo/pods.sh
. scripts/demo/pods.sh
. scripts/demo/servers.sh
. scripts/demo/story.sh
. scripts/demo/mesh.sh
. scripts/demo/policy.sh

fail() { echo "demo.sh: $1" >&2; exit "${2:-1}"; }

prepare() {
  (( EUID == 0 )) || fail "network namespaces need root; run: sudo ./scripts/demo.sh"
  ./scripts/packages.sh nft=nftables iptables ip=iproute2 curl nginx=nginx-light redis-server redis-cli=redis-tools \
    mariadbd=mariadb-server mariadb=mariadb-client openssl jq tcpdump setpriv=util-linux
  exec 9</run
  flock --wait 600 9 || fail "another demo has been running for ten minutes"
  [[ ! -e $state && -z $(demo_namespaces) ]] || fail "a demo is running already, or was cut off; stop it with: sudo ./scripts/demo.sh --stop"
  if ! dotnet --list-sdks 2>/dev/null | grep --quiet '^10\.'; then
    fail "needs the .NET 10 SDK as 'dotnet' on the PATH; with one elsewhere run: sudo env PATH=\"\$PATH\" ./scripts/demo.sh"
  fi
  ./scripts/as-owner.sh ./scripts/publish.sh
}

clean_up() {
  local status=$?
  trap '' INT TERM
  [[ $status -eq 0 || $status -gt 128 ]] || tell_logs
  take_down || status=1
  exit "$status"
}

tell_logs() {
  local log
  for log in "$state"/*/*.log; do
    [[ -s $log && $log != */access.log ]] || continue
    printf '\n--- the end of %s\n' "$log"
    tail -n 8 "$log"
  done >&2
}

# The proxy runs as uid 1337, which may not be able to read the clone (a home directory, say).
install_proxy() { mkdir -p "$state"; cp --recursive artifacts/l4proxy "$state/l4proxy"; chmod --recursive a+rX "$state/l4proxy"; }

sees() { [[ $(in_pod "$1" nobody nogroup curl --silent --show-error --max-time 10 "$2" 2>&1) =~ $3 ]]; }
refused() { local status=0; in_pod "$1" nobody nogroup curl --silent --max-time 10 "$2" >/dev/null || status=$?; [[ $status -eq 7 ]]; }
not_captured() { ! ip netns exec "$(ns "$1")" "$l4proxy" redirect verify; }
unprivileged() { grep --quiet "^Uid:.1337.1337.1337.1337" "/proc/$1/status" && grep --quiet '^CapBnd:.0*$' "/proc/$1/status"; }

without_rules() {
  chapter "Without rules, the network as it is"
  expect "store calls shop directly: nginx sees $(ipv4 store), the caller itself" sees store "http://$(ipv4 shop):8080/" "you as $(ipv4 store)"
  expect "l4proxy redirect verify finds no capture in store, and fails" not_captured store
}

with_rules() {
  chapter "Each pod gets its rules, then its proxy"
  local pod
  for pod in "${pods[@]}"; do
    expect "$pod: scripts/pod-init.sh put the rules in place and proved them" \
      ip netns exec "$(ns "$pod")" env L4PROXY="$l4proxy" ./scripts/pod-init.sh
    start_proxy "$pod"
  done
  for pod in "${pods[@]}"; do
    in_pod "$pod" 1337 1337 "$l4proxy" wait --timeout 60s || bad "$pod: the proxy is not ready"
    expect "$pod: the proxy is ready; it runs as uid and gid 1337 without a capability (pid $(<"$state/$pod/proxy.pid"))" unprivileged "$(<"$state/$pod/proxy.pid")"
  done
}

conversations() { # SUM
  chapter "Real programs talk, each captured outbound by the caller's proxy (15001) and inbound by the callee's (15006)"
  say "${dim}  sent and received: bytes to and from the callee. dial: until the leg to it stood. A proxy's first connections load its code.${plain}"
  converse store shop "$(ipv4 shop):8080" "HTTP over IPv4; nginx sees the proxy beside it" "I see you as $(ipv4 shop)" \
    "curl -sS http://$(ipv4 shop):8080/"
  converse data shop "[$(ipv6 shop)]:8080" "HTTP over IPv6" "Hello from nginx in shop" \
    "curl -sS 'http://[$(ipv6 shop)]:8080/'"
  converse shop store "$(ipv4 store):6379" "redis over IPv4" "^OK$" \
    "redis-cli -h $(ipv4 store) SET greeting 'hello from shop'"
  converse data store "[$(ipv6 store)]:6379" "redis over IPv6; what shop stored is there" "^hello from shop$" \
    "redis-cli -h $(ipv6 store) GET greeting"
  converse shop data "$(ipv4 data):3306" "MariaDB over IPv4; here the server speaks first" "^1.*one lamp" \
    "mariadb --no-defaults --skip-ssl -h $(ipv4 data) -u demo -N -e 'INSERT INTO orders (item) VALUES (\"one lamp\"); SELECT * FROM orders' shop"
  converse store data "[$(ipv6 data)]:3306" "MariaDB over IPv6" "one lamp" \
    "mariadb --no-defaults --skip-ssl -h $(ipv6 data) -u demo -N -e 'SELECT item FROM orders' shop"
  converse data shop "$(ipv4 shop):8080" "a download of 1 GiB; the sum must be ${1:0:16}…" "^$1" \
    "curl -sS http://$(ipv4 shop):8080/1GiB | sha256sum"
}

without_a_proxy() {
  chapter "A proxy stops: what it captured is refused and does not go around it"
  local pid; pid=$(<"$state/store/proxy.pid")
  kill -s TERM "$pid"
  if wait "$pid"; then good "store's proxy drained on SIGTERM and ended with exit code 0"; else bad "store's proxy ended with exit code $?"; fi
  expect "store's call is refused" refused store "http://$(ipv4 shop):8080/"
}

look_around() {
  chapter "Everything keeps running. Look around (as root):"
  try "a call of your own, from shop to store" "ip netns exec $(ns shop) redis-cli -h $(ipv4 store) GET greeting"
  try "access logs, one JSON line per connection when it has ended" "tail -n 3 $state/*/access.log"
  try "what shop's proxy said of itself; its configuration is beside it" "cat $state/shop/proxy.log"
  try "who shop is" "openssl x509 -in $certificates/demo/shop/cert-chain.pem -noout -text"
  try "new certificates for everybody" "$l4proxy pki dev --out $certificates"
  try "numbers of shop's proxy" "ip netns exec $(ns shop) curl -s 127.0.0.1:15020/metrics"
  try "why it is ready" "ip netns exec $(ns shop) curl -s '127.0.0.1:15021/readyz?verbose'"
  try "policy and services; every proxy follows changes" "ls $resources"
  try "why a call is let through, or where it goes" "ip netns exec $(ns data) $l4proxy explain --to $web:80"
  try "its pod's rules, with counters" "ip netns exec $(ns shop) nft list table inet l4proxy"
  try "end it all" "sudo ./scripts/demo.sh --stop"
}

nothing_left() {
  chapter "Everything is taken down"
  local pids; pids=$(demo_processes)
  take_down || true
  # shellcheck disable=SC2086
  if ! any_alive $pids && [[ -z $(demo_namespaces) && ! -e $state && $(own_rules) == "$rules_before" ]]; then
    good "nothing left behind: no process, no namespace, no rule, no file"
  else
    bad "left behind: processes [$(demo_processes)] namespaces [$(demo_namespaces)] files [$(ls -d "$state" 2>/dev/null)]"
  fi
}

# Rules of ours in the machine's own network: none before, so none after.
own_rules() { { nft list tables; iptables-save; ip6tables-save; } 2>/dev/null | grep --ignore-case --count l4proxy || true; }

main() {
  case "${1:-}" in
    --help | -h) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    --stop)
      (( EUID == 0 )) || fail "stopping needs root; run: sudo ./scripts/demo.sh --stop"
      if [[ ! -e $state && -z $(demo_namespaces) ]]; then say "No demo is running."; exit 0; fi
      take_down
      say "Stopped: no process, namespace, rule or file of the demo is left."
      exit 0 ;;
    '' | --keep) ;;
    *) fail "unknown option '$1'; there are --keep, --stop and --help" 2 ;;
  esac
  [[ $# -le 1 ]] || fail "one option at most" 2

  prepare
  rules_before=$(own_rules)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  say "${bold}L4Proxy: three pods, a proxy beside each, mutual TLS between them, and programs that know nothing of it${plain}"
  say "  shop  $(ipv4 shop) $(ipv6 shop)  nginx        store  $(ipv4 store) $(ipv6 store)  redis        data  $(ipv4 data) $(ipv6 data)  MariaDB"
  say "  $outside  $(ipv4 "$outside") $(ipv6 "$outside")  nothing, and no proxy"
  make_pods
  install_proxy
  start_mariadb data
  start_redis store
  start_nginx shop
  wait_for_servers
  sum=$(<"$state/shop/nginx/1GiB.sha256")
  without_rules
  give_identities
  mkdir -p "$resources"
  mesh_services >"$resources/services.yaml"
  with_rules
  conversations "$sum"
  look_at_the_wire
  without_a_mesh
  turn_strict
  rotate
  chapter "Totals from /metrics"
  totals
  policy
  if [[ ${1:-} == --keep ]]; then
    look_around
    trap - EXIT
    [[ $failures -eq 0 ]] || fail "$failures check(s) failed, see the crosses above"
    exit 0
  fi
  without_a_proxy
  [[ $failures -eq 0 ]] || tell_logs
  nothing_left
  trap - EXIT
  say ""
  [[ $failures -eq 0 ]] || fail "$failures check(s) failed, see the crosses above"
  say "All $conversations conversations went through both proxies, under TLS between identities."
}
main "$@"
