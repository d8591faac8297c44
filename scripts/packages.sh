#!/usr/bin/env bash
# packages.sh COMMAND=PACKAGE|PACKAGE ...: installs what is missing with apt-get, and nothing when nothing is.
# Services that come with these packages are neither started now nor at the next boot; what was installed before is left as it is.
set -euo pipefail
if [[ $# -eq 0 || $1 == --help ]]; then sed -n '2,3s/^# //p' "$0"; exit 0; fi
PATH=$PATH:/usr/sbin:/sbin

installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing=()
for wanted in "$@"; do
  command=${wanted%=*} package=${wanted#*=}
  # A command may come from another package than the one we would take (nginx-full for nginx-light).
  if [[ $command != "$package" ]] && command -v "$command" >/dev/null; then continue; fi
  installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

command -v apt-get >/dev/null || { echo "packages.sh: this machine has no apt-get; install: ${missing[*]}" >&2; exit 1; }
(( EUID == 0 )) || { echo "packages.sh: installing ${missing[*]} needs root; run it with sudo" >&2; exit 1; }
echo "Installing ${missing[*]}" >&2

# invoke-rc.d and deb-systemd-invoke ask this file before they start a service; 101 = not allowed. Somebody else's stays.
guard=/usr/sbin/policy-rc.d
if [[ ! -e $guard ]]; then
  trap 'rm -f "$guard"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$guard"
  chmod 755 "$guard"
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
units() { systemctl list-unit-files --type=service --state=enabled --no-legend 2>/dev/null | cut -d' ' -f1 | sort; }
before=$(units)
if ! { apt-get update --quiet && apt-get -o DPkg::Lock::Timeout=300 install --yes --quiet --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "packages.sh: apt-get could not install ${missing[*]}" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
for unit in $(comm -13 <(echo "$before") <(units)); do
  systemctl disable --quiet "$unit" >/dev/null 2>&1 || true
done
