#!/usr/bin/env bash
# publish.sh [OUT]: builds the proxy as it is shipped into OUT (default artifacts/l4proxy): self-contained and precompiled, on the
# newest runtime that carries every published security fix. Does nothing when OUT is newer than every source.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ "${1:-}" == --help ]]; then sed -n '2,3s/^# //p' "$0"; exit 0; fi

out=${1:-artifacts/l4proxy}
runtime=10.0.14

if [[ -x $out/l4proxy && -z $(find src Directory.Build.props Directory.Packages.props scripts/publish.sh \
      -newer "$out/l4proxy" -type f -not -path '*/obj/*' -not -path '*/bin/*' -print -quit) ]]; then
  exit 0
fi

case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "publish.sh: no build for $(uname -m); x86_64 and aarch64 are supported" >&2; exit 1 ;;
esac

dotnet publish src/L4Proxy/L4Proxy.csproj --configuration Release --runtime "$rid" --self-contained true \
  --output "$out" --nologo --verbosity quiet \
  -p:PublishReadyToRun=true -p:RuntimeFrameworkVersion="$runtime" -p:DebugType=embedded -p:GenerateDocumentationFile=true
touch "$out/l4proxy"
