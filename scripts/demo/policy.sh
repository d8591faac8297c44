# Who may call whom, and where calls go: Istio's resources, files in one directory that every proxy follows. Sourced by demo.sh.

readonly resources=$state/resources
readonly web=10.77.0.100   # nobody has this address: only resources know it

# One service per pod, with an address that only resources know; a call to the pod's own address is known too, and goes just there. By its
# service account an endpoint is known to speak mesh TLS.
mesh_services() {
  local pod separator=''
  for pod in "${pods[@]}"; do
    printf '%s' "$separator"; separator=$'---\n'
    cat <<YAML
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: $pod, namespace: demo}
spec:
  hosts: [$pod.demo.svc.cluster.local]
  addresses: [10.77.0.1${number[$pod]}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: ${port[$pod]}, name: tcp, protocol: TCP}]
  endpoints:
    - {address: $(ipv4 "$pod"), serviceAccount: $pod}
    - {address: "$(ipv6 "$pod")", serviceAccount: $pod}
YAML
  done
}

callers_of_store() { # SERVICEACCOUNT
  cat <<YAML
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers-of-store, namespace: demo}
spec:
  selector: {matchLabels: {app: store}}
  action: ALLOW
  rules:
    - from: [{source: {principals: ["cluster.local/ns/demo/sa/$1"]}}]
      to: [{operation: {ports: ["6379"]}}]
YAML
}

egress_of_data() {
  cat <<YAML
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: egress-of-data, namespace: demo}
spec:
  workloadSelector: {labels: {app: data}}
  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
YAML
}

# v1 has an endpoint where nothing listens.
web_service() {
  cat <<YAML
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web, namespace: demo}
spec:
  hosts: [web.demo.svc.cluster.local]
  addresses: [$web]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, name: tcp, protocol: TCP}]
  endpoints:
    - {address: $(ipv4 shop), ports: {tcp: 8081}, serviceAccount: shop, labels: {version: v1}}
    - {address: $(ipv4 "$outside"), ports: {tcp: 8081}, labels: {version: v1}}
    - {address: $(ipv4 shop), ports: {tcp: 8082}, serviceAccount: shop, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: demo}
spec:
  host: web.demo.svc.cluster.local
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: demo}
spec:
  hosts: [web.demo.svc.cluster.local]
  tcp:
    - route:
        - {destination: {host: web.demo.svc.cluster.local, subset: v1}, weight: 80}
        - {destination: {host: web.demo.svc.cluster.local, subset: v2}, weight: 20}
YAML
}

resources_taken() { sum_of "$(metrics_of "$1")" 'l4proxy_resources_reloads_total{result="applied"}'; }
has_taken_resources() { (( $(resources_taken "$1") > $2 )); }

# put FILE COMMAND...: what COMMAND prints becomes a file of the resources, at $put_at (µs), and every proxy has taken it.
put() {
  local file=$1 pod status=0; shift
  local -A before
  for pod in "${pods[@]}"; do before[$pod]=$(resources_taken "$pod"); done
  "$@" >"$state/$file.new"
  sed "s/^/     ${dim}| /;s/\$/$plain/" "$state/$file.new"
  put_at=${EPOCHREALTIME/[.,]/}
  mv "$state/$file.new" "$resources/$file"
  for pod in "${pods[@]}"; do wait_until "$pod's reading of $file" has_taken_resources "$pod" "${before[$pod]}" || status=1; done
  [[ $status -eq 0 ]] || bad "not every proxy has taken $file"
}

# told POD FROM DIRECTION DESTINATION REASON: shows the $line that POD's proxy wrote of that connection, and checks the reason.
told() {
  line=$(access_line "$1" "$2" "$3" "$4") || line='{}'
  line=${line%%$'\n'*}   # some programs try twice
  printf '     %s%s%s\n' "$dim" "$(jq --compact-output '{downstream, peerIdentity, originalDestination, verdict, rule, route, endedBy, reason, detail}
    | with_entries(select(.value != null))' <<<"$line")" "$plain"
  [[ $(jq --raw-output .reason <<<"$line") == "$5" ]]
}

# ask POD WORDS...: runs l4proxy beside POD's proxy, which answers on its admin port, and shows what it prints in $asked.
ask() {
  local pod=$1; shift
  printf '     %s%s$ l4proxy %s%s\n' "$dim" "$pod" "$*" "$plain"
  asked=$(in_pod "$pod" 1337 1337 "$l4proxy" "$@" 2>&1) || true
  sed 's/^/     /' <<<"$asked"
}

only_shop_calls_store() {
  chapter "Policy is a file: only shop may call store"
  put policy.yaml callers_of_store shop
  converse shop store "$(ipv4 store):6379" "redis, allowed by a rule" "^hello from shop$" "redis-cli -h $(ipv4 store) GET greeting"
  local from line; from=$(log_lines store)
  printf '\n  %sdata → store%s   redis, denied; store'\''s proxy says why, and explains\n' "$bold" "$plain"
  if in_pod data nobody nogroup redis-cli -h "$(ipv4 store)" GET greeting 2>&1 | grep --quiet hello; then bad "data was served"; fi
  if told store "$from" inbound "$(ipv4 store):6379" policyDenied; then good "policyDenied"; else bad "it should have been policyDenied"; fi
  ask store explain --inbound --to "$(ipv4 store):6379" --from "$(identity data)" --from "$(ipv4 data)"
  if [[ $asked == *callers-of-store* ]]; then good "explain names the policy and its file"; else bad "explain does not name callers-of-store"; fi
}

revocation() {
  chapter "A change of policy reaches live connections"
  local candidate=$state/candidate from milliseconds subscriber line
  start shop nobody nogroup subscriber redis-cli -h "$(ipv4 store)" SUBSCRIBE news
  subscriber=$!
  wait_until "shop's subscription" grep --quiet subscribe "$state/shop/subscriber.log" || bad "shop could not subscribe"
  cp --recursive "$resources" "$candidate"
  callers_of_store data >"$candidate/policy.yaml"
  say "  shop holds a connection to store. What would a policy do that lets data call, and no longer shop?"
  ask store policy preview --resources "$candidate"
  if [[ $asked == *"$(identity shop)"* ]] && kill -s 0 "$subscriber"; then good "it would close shop's connection, which lives on"; else bad "preview does not name shop, or the connection is gone"; fi
  from=$(log_lines store)
  put policy.yaml callers_of_store data
  if told store "$from" inbound "$(ipv4 store):6379" policyChanged; then
    milliseconds=$(($(date --date "$(jq --raw-output .time <<<"$line")" +%s%3N) - put_at / 1000))
    good "put in place, it closed it, $milliseconds ms after the file was there"
  else
    bad "shop's connection should have ended with policyChanged"
    kill "$subscriber" 2>/dev/null || true
  fi
  wait "$subscriber" || true
}

egress() {
  chapter "data may go to what the mesh knows, and nowhere else (REGISTRY_ONLY)"
  put egress.yaml egress_of_data
  local from line; from=$(log_lines data)
  printf '\n  %sdata → %s%s   HTTP, to an address that no ServiceEntry covers\n' "$bold" "$outside" "$plain"
  in_pod data nobody nogroup curl --silent --show-error --max-time 10 "http://$(ipv4 "$outside"):8080/" 2>&1 | sed 's/^/     saw: /' || true
  if told data "$from" outbound "$(ipv4 "$outside"):8080" egressBlocked; then good "egressBlocked"; else bad "it should have been egressBlocked"; fi
}

split() {
  chapter "A service with an address of its own, 80 % v1 and 20 % v2, and an endpoint of v1 where nothing listens"
  put web.yaml web_service
  local seen v1 v2 text
  printf '\n  %sdata → web%s   HTTP, 100 calls\n     %s$ curl -sS -H "Connection: close" "http://%s/?[1-100]" | sort | uniq --count%s\n' "$bold" "$plain" "$dim" "$web" "$plain"
  seen=$(in_pod data nobody nogroup curl --silent --show-error --max-time 60 --header 'Connection: close' "http://$web/?[1-100]" 2>&1) || true
  v1=$(grep --count '^web v1$' <<<"$seen" || true) v2=$(grep --count '^web v2$' <<<"$seen" || true)
  text=$(metrics_of data)
  say "     saw: v1 $v1 times, v2 $v2 times; dials repeated at another endpoint: $(sum_of "$text" l4proxy_dial_retries_total), endpoints ejected: $(sum_of "$text" l4proxy_endpoint_ejections_total)"
  if (( v1 + v2 == 100 && v1 >= 78 && v1 <= 82 )); then good "no call failed, and the split is within 2 %"; else bad "100 calls should have been split 80 to 20: $(head -n 3 <<<"$seen")"; fi
  (( $(sum_of "$text" l4proxy_dial_retries_total) > 0 )) || bad "no dial was repeated"
}

policy() {
  only_shop_calls_store
  revocation
  egress
  split
  local pod
  for pod in "${pods[@]}"; do
    [[ $(sum_of "$(metrics_of "$pod")" l4proxy_accounting_mismatch) -eq 0 ]] || bad "$pod: accounting does not add up"
  done
}
