#!/bin/sh
# Starts a registry on loopback and pushes one small image to it, so that the example needs no other network.
# Prints what it did; stop it with: registry.sh stop
set -eu
state=${EXAMPLE_STATE:-/tmp/slipway-example-registry}
port=${EXAMPLE_REGISTRY_PORT:-5055}

if [ "${1:-start}" = stop ]; then
  [ -f "$state/pid" ] && kill "$(cat "$state/pid")" 2>/dev/null || true
  rm -rf "$state"
  exit 0
fi

for tool in docker-registry skopeo umoci busybox; do
  command -v "$tool" >/dev/null || { echo "missing: $tool (Debian: apt-get install docker-registry skopeo umoci busybox-static)" >&2; exit 1; }
done

mkdir -p "$state/data"
cat >"$state/registry.yml" <<YML
version: 0.1
storage: { filesystem: { rootdirectory: $state/data } }
http: { addr: "127.0.0.1:$port" }
YML
docker-registry serve "$state/registry.yml" >"$state/log" 2>&1 &
echo $! >"$state/pid"

umoci init --layout "$state/oci" >/dev/null
umoci new --image "$state/oci:toolbox"
umoci unpack --image "$state/oci:toolbox" "$state/bundle" >/dev/null
mkdir -p "$state/bundle/rootfs/bin" "$state/bundle/rootfs/www"
cp "$(command -v busybox)" "$state/bundle/rootfs/bin/busybox"
for name in sh httpd wget sleep cat echo date; do ln -s busybox "$state/bundle/rootfs/bin/$name"; done
umoci repack --image "$state/oci:toolbox" "$state/bundle" >/dev/null
umoci config --image "$state/oci:toolbox" --config.env PATH=/bin --config.cmd /bin/sh
tries=0
until curl -sf "http://127.0.0.1:$port/v2/" >/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || { cat "$state/log" >&2; exit 1; }
  sleep 0.1
done
skopeo copy -q --dest-tls-verify=false "oci:$state/oci:toolbox" "docker://127.0.0.1:$port/example/toolbox:1.0"
echo "127.0.0.1:$port/example/toolbox:1.0 is served by process $(cat "$state/pid")"
