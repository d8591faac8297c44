# What the demo prints: conversations, and what both proxies wrote about them. Sourced by demo.sh.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' dim='' green='' red='' plain=''
fi
failures=0 conversations=0

say() { printf '%s\n' "$*"; }
chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
good() { printf '  %s✓%s %s\n' "$green" "$plain" "$*"; }
bad() { printf '  %s✗ %s%s\n' "$red" "$*" "$plain"; failures=$((failures + 1)); }

try() { printf '  %s\n    %s# %s%s\n' "$1:" "$dim" "$2" "$plain"; }

# expect WHAT COMMAND...: a line with a check mark or a cross.
expect() { local what=$1; shift; if "$@" >/dev/null 2>&1; then good "$what"; else bad "$what"; fi; }

row_header() { row direction proxy from 'to (original)' sent received moved dial total ending; }
row() { printf '     %-9s %-6s %-19s %-17s %9s %9s  %-7s %9s %11s  %s\n' "$@"; }

log_lines() { wc -l <"$state/$1/access.log"; }

# The one line of POD's access log, after line FROM, about a connection DIRECTION to DESTINATION; waits until it is written.
access_line() { # POD FROM DIRECTION DESTINATION
  local deadline=$((SECONDS + 10)) line
  while (( SECONDS < deadline )); do
    line=$(tail -n "+$(($2 + 1))" "$state/$1/access.log" \
      | jq --compact-output --arg direction "$3" --arg to "$4" 'select(.direction == $direction and .originalDestination == $to)')
    if [[ -n $line ]]; then echo "$line"; return 0; fi
    sleep 0.05
  done
  return 1
}

print_line() { # POD LINE
  local cells
  mapfile -t cells < <(jq --raw-output '
    def size: if . < 10240 then "\(.) B" elif . < 10485760 then "\(. / 1024 | round) KiB" else "\(. / 1048576 | round) MiB" end;
    def ms: if . == null then "-" else "\(. * 100 | round / 100) ms" end;
    .direction, .downstream, .originalDestination, (.bytesToUpstream | size), (.bytesToDownstream | size),
    (if .spliced then "spliced" else "copied" end), (.connectMs | ms), (.totalMs | ms), "\(.reason), \(.endedBy) first"' <<<"$2")
  row "${cells[0]}" "$1" "${cells[@]:1}"
  jq --raw-output --arg dim "$dim" --arg plain "$plain" 'select(.tlsVersion != null)
    | "\($dim)       TLS \(.tlsVersion), ALPN \(.alpn), handshake \(.handshakeMs) ms, SNI \(.sni // "none"): "
    + "\($plain)\(.localIdentity)\($dim) here, \($plain)\(.peerIdentity)\($dim) there\($plain)"' <<<"$2"
  jq --raw-output --arg dim "$dim" --arg plain "$plain" 'select(.rule != null) | "\($dim)       \(.verdict) by rule \(.rule)\($plain)"' <<<"$2"
}

# converse CALLER CALLEE DESTINATION WHAT EXPECTED COMMAND: runs COMMAND in CALLER's pod as a user that knows of no proxy, and shows
# what it saw and what both proxies wrote. EXPECTED is a pattern for what it must see.
converse() {
  local caller=$1 callee=$2 destination=$3 what=$4 expected=$5 command=$6
  local from_caller from_callee started seen status=0 elapsed outbound inbound problems=()
  conversations=$((conversations + 1))
  printf '\n  %s%d  %s → %s%s   %s\n' "$bold" "$conversations" "$caller" "$callee" "$plain" "$what"
  printf '     %s$ %s%s\n' "$dim" "$command" "$plain"
  from_caller=$(log_lines "$caller") from_callee=$(log_lines "$callee")
  started=${EPOCHREALTIME/[.,]/}
  seen=$(HOME=/nonexistent in_pod "$caller" nobody nogroup bash -o pipefail -c "$command" 2>&1) || status=$?
  elapsed=$((${EPOCHREALTIME/[.,]/} - started))
  printf '     saw: %s   %s(%d.%03d s)%s\n' "${seen//$'\n'/ | }" "$dim" $((elapsed / 1000000)) $((elapsed / 1000 % 1000)) "$plain"
  [[ $status -eq 0 ]] || problems+=("the program ended with exit code $status")
  [[ $seen =~ $expected ]] || problems+=("it did not see what it should: $expected")

  printf '%s' "$dim"; row_header; printf '%s' "$plain"
  if outbound=$(access_line "$caller" "$from_caller" outbound "$destination"); then print_line "$caller" "$outbound"
  else problems+=("$caller's proxy wrote no line about an outbound connection to $destination"); fi
  if inbound=$(access_line "$callee" "$from_callee" inbound "$destination"); then print_line "$callee" "$inbound"
  else problems+=("$callee's proxy wrote no line about an inbound connection to $destination"); fi
  [[ $(jq --raw-output .reason <<<"$outbound$inbound" | sort -u) == completed ]] || problems+=("not every leg ended with 'completed'")

  local problem
  while read -r problem; do problems+=("$problem"); done \
    < <(mutual_tls_problems "${outbound:-null}" "$caller" "$callee" outbound; mutual_tls_problems "${inbound:-null}" "$callee" "$caller" inbound)
  for problem in "${problems[@]}"; do printf '   '; bad "$problem"; done
  [[ ${#problems[@]} -gt 0 ]] || printf '   %s\n' "$(good "captured on the way out and on the way in, TLS between the two, each side knows the other")"
}

metrics_of() { in_pod "$1" nobody nogroup curl --silent --show-error --fail http://127.0.0.1:15020/metrics; }
sum_of() { awk -v name="$2" 'index($0, name) == 1 { sum += $NF } END { printf "%.0f", sum }' <<<"$1"; } # TEXT PREFIX

totals() {
  local pod text opened active completed probes refusals mismatch
  printf '%s' "$dim"; printf '  %-7s %8s %10s %8s %8s %8s %14s %14s %15s\n' proxy opened completed probes refused active 'to upstream' 'to downstream' spliced; printf '%s' "$plain"
  for pod in "${pods[@]}"; do
    text=$(metrics_of "$pod")
    opened=$(sum_of "$text" 'l4proxy_connections_opened_total{')
    active=$(sum_of "$text" 'l4proxy_connections_active{')
    completed=$(grep 'reason="completed"' <<<"$text" | awk '{ sum += $NF } END { print sum + 0 }')
    probes=$(grep 'reason="captureProbe"' <<<"$text" | awk '{ sum += $NF } END { print sum + 0 }')
    refusals=$(grep -E 'reason="(plaintextRefused|tlsNoPeerCertificate)"' <<<"$text" | awk '{ sum += $NF } END { print sum + 0 }')
    mismatch=$(sum_of "$text" l4proxy_accounting_mismatch)
    printf '  %-7s %8d %10d %8d %8d %8d %14d %14d %15d\n' "$pod" "$opened" "$completed" "$probes" "$refusals" "$active" \
      "$(grep 'flow="to_upstream"' <<<"$text" | awk '{ sum += $NF } END { printf "%.0f", sum }')" \
      "$(grep 'flow="to_downstream"' <<<"$text" | awk '{ sum += $NF } END { printf "%.0f", sum }')" \
      "$(sum_of "$text" 'l4proxy_spliced_bytes_total{')"
    [[ $active -eq 0 && $mismatch -eq 0 && $refusals -eq ${refused[$pod]} && $opened -eq $((completed + probes + refusals)) ]] \
      || bad "$pod: $opened opened, but $completed completed, $probes probes, $refusals refused of ${refused[$pod]}, $active active, mismatch $mismatch"
  done
}
