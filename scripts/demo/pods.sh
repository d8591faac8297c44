# Pods of the demo: network namespaces on a bridge that has a namespace of its own, so that the machine's own network is not touched.
# Sourced by demo.sh, which sets $state, $l4proxy and the pods' numbers in $number.

readonly wire=l4p-demo-wire   # holds the bridge and nothing else
ns() { echo "l4p-demo-$1"; }
ipv4() { echo "10.77.0.${number[$1]}"; }
ipv6() { echo "fd77::${number[$1]}"; }

# in_pod POD UID GID COMMAND...: as that user, without any capability, in the pod's network.
in_pod() {
  local pod=$1 uid=$2 gid=$3; shift 3
  ip netns exec "$(ns "$pod")" setpriv --reuid "$uid" --regid "$gid" --clear-groups \
    --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
}

# start POD UID GID NAME COMMAND...: the same in the background and in a session of its own, so that Ctrl-C reaches only demo.sh.
start() {
  local pod=$1 uid=$2 gid=$3 name=$4; shift 4
  # What the .NET runtime puts into the temporary directory (its diagnostic socket) goes away with the pod's directory.
  TMPDIR="$state/$pod/tmp" setsid ip netns exec "$(ns "$pod")" setpriv --reuid "$uid" --regid "$gid" --clear-groups \
    --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@" </dev/null >>"$state/$pod/$name.log" 2>&1 9>&- &
}

# wait_until WHAT COMMAND...: polls for at most 60 s.
wait_until() {
  local what=$1 deadline=$((SECONDS + 60)); shift
  until "$@" >/dev/null 2>&1; do
    (( SECONDS < deadline )) || { echo "demo.sh: $what did not come up within 60 s" >&2; return 1; }
    sleep 0.1
  done
}

make_pods() {
  ip netns add "$wire"
  ip -n "$wire" link add bridge type bridge mcast_snooping 0
  ip -n "$wire" link set bridge up
  local pod
  for pod in "${pods[@]}" "$outside"; do
    ip netns add "$(ns "$pod")"
    ip -n "$wire" link add "$pod" type veth peer name eth0 netns "$(ns "$pod")"
    ip -n "$wire" link set "$pod" master bridge up
    ip -n "$(ns "$pod")" link set lo up
    ip -n "$(ns "$pod")" link set eth0 up
    ip -n "$(ns "$pod")" address add "$(ipv4 "$pod")/24" dev eth0
    ip -n "$(ns "$pod")" address add "$(ipv6 "$pod")/64" dev eth0 nodad
    mkdir -p "$state/$pod/tmp"
    chown 1337:1337 "$state/$pod"
    chmod 1777 "$state/$pod/tmp"
  done
}

start_proxy() {
  local pod=$1
  cat >"$state/$pod/l4proxy.yaml" <<YAML
workload: {name: $pod, namespace: demo, serviceAccount: $pod, labels: {app: $pod}}
capture: {outbound: 15001, inbound: 15006}
telemetry: {accessLog: {path: $state/$pod/access.log}}
$(mesh_configuration "$pod")
YAML
  start "$pod" 1337 1337 proxy "$l4proxy" run --config "$state/$pod/l4proxy.yaml"
  echo $! >"$state/$pod/proxy.pid"
}

demo_namespaces() { ip netns list | cut -d' ' -f1 | grep -x 'l4p-demo-[a-z]*' || true; }
demo_processes() { local name; for name in $(demo_namespaces); do ip netns pids "$name"; done; }
any_alive() { local pid; for pid in "$@"; do [[ ! -d /proc/$pid ]] || return 0; done; return 1; }

# Ends every process in our namespaces (nobody else's can be there), then the namespaces with their rules, then the files.
take_down() {
  local pids name signal deadline
  pids=$(demo_processes)
  for signal in TERM KILL; do
    # shellcheck disable=SC2086  # a list of numbers
    [[ -z $pids ]] || kill -s "$signal" $pids 2>/dev/null || true
    deadline=$((SECONDS + 10))
    # shellcheck disable=SC2086
    while any_alive $pids && (( SECONDS < deadline )); do sleep 0.05; done
  done
  for name in $(demo_namespaces); do ip netns delete "$name"; done
  rm -rf "$state"
  # shellcheck disable=SC2086
  ! any_alive $pids || { echo "demo.sh: some processes did not end: $pids" >&2; return 1; }
}
