# Who the pods are to each other: identities, what goes over the wire, a caller without a proxy, rotation. Sourced by demo.sh.

readonly certificates=$state/pki
declare -rA port=([shop]=8080 [store]=6379 [data]=3306)
declare -A refused=([shop]=0 [store]=0 [data]=0)   # connections that must not get through, for the totals

identity() { echo "spiffe://cluster.local/ns/demo/sa/$1"; }

give_identities() {
  chapter "A development authority gives every workload a certificate (l4proxy pki dev)"
  local pod options=()
  for pod in "${pods[@]}"; do options+=(--workload "demo/$pod"); done
  say "${dim}  \$ l4proxy pki dev --out $certificates ${options[*]} --owner 1337:1337${plain}"
  if "$l4proxy" pki dev --out "$certificates" "${options[@]}" --owner 1337:1337 >"$state/pki.log" 2>&1; then
    sed -n 's/^\(made\|issued\)/  &/p' "$state/pki.log"
  else
    bad "pki dev ended with exit code $?: $(<"$state/pki.log")"
  fi
  # ECDSA and SPIFFE, by the word of another program than ours.
  for pod in "${pods[@]}"; do
    expect "openssl verifies $pod's chain, and $(identity "$pod") is its only name" svid "$pod"
  done
}

svid() {
  local dir=$certificates/demo/$1
  openssl verify -x509_strict -CAfile "$dir/root-cert.pem" -untrusted "$dir/cert-chain.pem" "$dir/cert-chain.pem" \
    && openssl x509 -in "$dir/cert-chain.pem" -noout -subject -ext subjectAltName | grep --fixed-strings --line-regexp "    URI:$(identity "$1")"
}

# What a proxy must know of the mesh: who it is, what it accepts, and where the services and policies are.
mesh_configuration() { # POD
  local dir=$certificates/demo/$1
  echo "identity: {source: files, certificate: $dir/cert-chain.pem, privateKey: $dir/key.pem, trustBundle: $dir/root-cert.pem}"
  echo "mesh: {mtls: PERMISSIVE, resources: $resources}"
}

# Problems of a line that must tell of mutual TLS between these two, one per line.
mutual_tls_problems() { # LINE LOCAL PEER DIRECTION
  jq --raw-output --arg local "$(identity "$2")" --arg peer "$(identity "$3")" --arg proxy "$2's proxy ($4)" '
    if .peerIdentity != $peer then "\($proxy) says its peer is \(.peerIdentity // "nobody"), not \($peer)" else empty end,
    if .localIdentity != $local then "\($proxy) showed \(.localIdentity // "nothing"), not \($local)" else empty end,
    if .tlsVersion != "1.3" or .alpn != "istio" then "\($proxy) spoke TLS \(.tlsVersion // "not at all") with ALPN \(.alpn // "none")" else empty end' <<<"$1"
}

# in_clear CALLEE WHAT EXPECTED COMMAND: the pod without a proxy calls CALLEE, which serves it in clear.
in_clear() {
  local callee=$1 what=$2 expected=$3 command=$4 from seen line
  printf '\n  %s%s → %s%s   %s\n     %s$ %s%s\n' "$bold" "$outside" "$callee" "$plain" "$what" "$dim" "$command" "$plain"
  from=$(log_lines "$callee")
  seen=$(HOME=/nonexistent in_pod "$outside" nobody nogroup bash -o pipefail -c "$command" 2>&1) || true
  say "     saw: ${seen//$'\n'/ | }"
  if line=$(access_line "$callee" "$from" inbound "$(ipv4 "$callee"):${port[$callee]}"); then
    printf '%s' "$dim"; row_header; printf '%s' "$plain"; print_line "$callee" "$line"
  else
    line='{}'
  fi
  if [[ $seen =~ $expected && $(jq --raw-output '"\(.reason) \(.peerIdentity)"' <<<"$line") == 'completed null' ]]; then
    printf '   '; good "served in clear, and logged without a peer identity"
  else
    printf '   '; bad "it should have been served in clear, and seen $expected"
  fi
}

# refused_as CALLEE REASON COMMAND...: the pod without a proxy calls CALLEE in vain, and CALLEE's proxy says why.
refused_as() {
  local callee=$1 reason=$2 from line; shift 2
  from=$(log_lines "$callee")
  refused[$callee]=$((refused[$callee] + 1))
  if HOME=/nonexistent in_pod "$outside" nobody nogroup "$@" >/dev/null 2>&1; then return 1; fi
  line=$(access_line "$callee" "$from" inbound "$(ipv4 "$callee"):${port[$callee]}")
  printf '     %s%s%s\n' "$dim" "$(jq --compact-output '{downstream, protocol, phase, endedBy, reason}' <<<"$line")" "$plain" >&3
  [[ $(jq --raw-output .reason <<<"$line") == "$reason" ]]
}

packets() { tcpdump -r "$1" "$2" 2>/dev/null | wc -l; }
both_ended() { [[ $(packets "$1" 'tcp[tcpflags] & tcp-fin != 0') -ge 2 ]]; }

# on_the_wire FILE COMMAND...: what passes store's cable while COMMAND talks to redis there, to the end of that connection.
on_the_wire() {
  local file=$1 status=0 pid; shift
  # -Z root: the user tcpdump would become may not write here.
  ip netns exec "$wire" tcpdump -Z root -i store --immediate-mode -U -w "$file" 'tcp port 6379' 2>"$file.log" 9>&- &
  pid=$!
  wait_until tcpdump grep --quiet 'listening on' "$file.log" || return 1
  "$@" >/dev/null 2>&1 || status=$?
  wait_until "the end of the connection on the wire" both_ended "$file" || status=1
  kill -s INT "$pid"
  wait "$pid" || true
  return "$status"
}

# The first two bytes of what a packet carries: type and major version of a TLS record (RFC 8446 §5.1).
readonly record='tcp[((tcp[12] & 0xf0) >> 2):2]'

look_at_the_wire() {
  chapter "The same command seen by tcpdump on the cable between the pods"
  local secret=swordfish-$RANDOM file=$state/mesh.pcap clear=$state/clear.pcap handshake data
  on_the_wire "$file" in_pod shop nobody nogroup redis-cli -h "$(ipv4 store)" SET password "$secret" || bad "the call through the mesh failed"
  handshake=$(packets "$file" "$record = 0x1603") data=$(packets "$file" "$record = 0x1703")
  if (( handshake >= 2 && data >= 2 )) && ! grep --quiet --text --fixed-strings "$secret" "$file"; then
    good "from shop, through both proxies: $handshake packets begin with a TLS handshake record, $data with encrypted data, none holds '$secret'"
  else
    bad "from shop: $handshake TLS handshake packets, $data of data; the secret is seen $(grep --count --text --fixed-strings "$secret" "$file") times"
  fi
  on_the_wire "$clear" in_pod "$outside" nobody nogroup redis-cli -h "$(ipv4 store)" SET password "$secret" || bad "the call in clear failed"
  expect "from $outside, which has no proxy: everybody on the way can read '$secret'" grep --quiet --text --fixed-strings "$secret" "$clear"
}

without_a_mesh() {
  chapter "A pod without a proxy ($outside): PERMISSIVE serves it in clear"
  in_clear shop "HTTP, a part of the same file; in clear the kernel moves it (spliced)" "^134217728\$" \
    "curl -sS -r 0-134217727 http://$(ipv4 shop):8080/1GiB | wc -c"
  [[ $(tail -n 1 "$state/shop/access.log" | jq .spliced) == true ]] || bad "the download in clear was copied, not spliced"
  in_clear data "MariaDB: client and proxy both wait, and after timeouts.detection (200 ms) the server may greet" "one lamp" \
    "mariadb --no-defaults --skip-ssl -h $(ipv4 data) -u demo -N -e 'SELECT item FROM orders' shop"
}

applied() { sum_of "$(metrics_of "$1")" 'l4proxy_config_reloads_total{result="applied"}'; }
has_applied() { (( $(applied "$1") > $2 )); }

turn_strict() {
  chapter "Every pod turns STRICT, while it runs"
  local pod before status=0
  for pod in "${pods[@]}"; do
    before=$(applied "$pod")
    sed --in-place 's/mtls: PERMISSIVE/mtls: STRICT/' "$state/$pod/l4proxy.yaml"
    wait_until "$pod's reload" has_applied "$pod" "$before" || status=1
  done
  if [[ $status -eq 0 ]]; then good "mtls: STRICT in three files, and three proxies have read them"; else bad "not every proxy has applied its file"; fi
  exec 3>&1
  expect "$outside's HTTP to shop is refused: plaintextRefused" refused_as shop plaintextRefused curl --silent --max-time 10 "http://$(ipv4 shop):8080/"
  expect "$outside's redis to store is refused: plaintextRefused" refused_as store plaintextRefused redis-cli -h "$(ipv4 store)" PING
  expect "TLS without a certificate is refused as well: tlsNoPeerCertificate" refused_as shop tlsNoPeerCertificate \
    curl --silent --insecure --max-time 10 "https://$(ipv4 shop):8080/"
  exec 3>&-
  converse shop data "$(ipv4 data):3306" "MariaDB through STRICT; the server still speaks first, inside TLS" "one lamp" \
    "mariadb --no-defaults --skip-ssl -h $(ipv4 data) -u demo -N -e 'SELECT item FROM orders' shop"
}

generation() { sum_of "$(metrics_of "$1")" l4proxy_identity_generation; }
has_taken() { (( $(generation "$1") >= $2 )); }
calls() { wc -l <"$state/store/calls.log"; }
called() { (( $(calls) >= $1 )); }

# The serial number of the certificate POD shows to whoever begins TLS, and of the one in its directory. Asking without a certificate is refused.
shown_serial() {
  in_pod "$outside" nobody nogroup openssl s_client -connect "$(ipv4 "$1"):${port[$1]}" -alpn istio </dev/null 2>/dev/null \
    | openssl x509 -noout -serial
}
file_serial() { openssl x509 -in "$certificates/demo/$1/cert-chain.pem" -noout -serial; }
shows_its_file() { refused[$1]=$((refused[$1] + 1)); [[ $(shown_serial "$1") == "$(file_serial "$1")" ]]; }

rotate() {
  chapter "Certificates are rotated while store calls shop, each call with a handshake of its own"
  local pod round before total failed pid stop=$state/stop
  # shellcheck disable=SC2016  # for the inner shell
  start store nobody nogroup calls bash -c 'until [[ -e $1 ]]; do if curl -sS -f -o /dev/null "$2"; then echo ok; else echo failed; fi; done' \
    calls "$stop" "http://$(ipv4 shop):8080/"
  pid=$!
  wait_until "store's first calls" called 10 || bad "store does not call"
  before=$(file_serial shop)
  for round in 1 2 3; do
    "$l4proxy" pki dev --out "$certificates" >>"$state/pki.log" 2>&1 || bad "pki dev ended with exit code $?"
    for pod in "${pods[@]}"; do
      wait_until "$pod's new certificate" has_taken "$pod" $((round + 1)) || bad "$pod has not taken its new certificate"
    done
    wait_until "store's calls" called $(($(calls) + 10)) || bad "store's calls have stopped"
  done
  touch "$stop"
  wait "$pid" || true
  total=$(calls) failed=$(grep --count --invert-match '^ok$' "$state/store/calls.log" || true)
  if [[ $failed -eq 0 ]]; then
    good "three new sets for three proxies, $total calls meanwhile, none failed"
  else
    bad "of $total lines about store's calls, $failed tell of a failure"
  fi
  expect "openssl s_client sees shop's newest certificate ($(file_serial shop)), not its first ($before)" shows_its_file shop
}
