#!/bin/sh
# Another host in a box: a network namespace at the end of a cable, and in it a Slipway of its own. It serves a registry
# with a certificate that is made here, and this host is told the certificate and a password in secrets.yaml.
#   edge.sh                 starts it
#   edge.sh slipway ...     asks it
#   edge.sh stop            takes all of it away
set -eu
here=$(dirname "$(readlink -f "$0")")
state=/run/slipway-example-edge
cable=slwedge
address=10.231.78.2
export SLIPWAY_ROOT=$state/root SLIPWAY_RUN=$state/run SLIPWAY_LISTEN=off

there() { nsenter --net="$state/netns" "$@"; }

# The lines of a file, as the value of a field.
lines() { printf '|\n' && sed 's/^/    /' "$1"; }

stop() {
  if [ -f "$state/pid" ]; then
    engine=$(cat "$state/pid")
    kill "$engine" 2>/dev/null || true
    while kill -0 "$engine" 2>/dev/null; do sleep 0.1; done
    there slipway dismantle >/dev/null
  fi
  ip link del $cable 2>/dev/null || true
  if mountpoint -q "$state/netns"; then umount "$state/netns"; fi
  rm -rf "$state" "$here/secrets.yaml"
}

case "${1:-start}" in
  stop) stop; exit ;;
  slipway) exec nsenter --net="$state/netns" "$@" ;;
esac

for tool in slipway openssl ip nsenter; do
  command -v $tool >/dev/null || { echo "missing on the PATH: $tool" >&2; exit 1; }
done
stop
trap '[ $? = 0 ] || stop' EXIT
mkdir -p "$state/manifests"

: >"$state/netns"
unshare --net="$state/netns" true
ip link add $cable type veth peer name edge0 netns "$state/netns"
ip addr add 10.231.78.1/30 dev $cable
ip link set $cable up
there ip addr add $address/30 dev edge0
there ip link set edge0 up
there ip link set lo up

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=edge \
  -addext "subjectAltName=IP:$address" -keyout "$state/key" -out "$state/certificate" 2>/dev/null
password=$(openssl rand -hex 16)
umask 077
cat "$here/edge.yaml.in" - >"$state/manifests/edge.yaml" <<YAML
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: { name: edge-tls, namespace: default }
stringData:
  tls.crt: $(lines "$state/certificate")
  tls.key: $(lines "$state/key")
---
apiVersion: v1
kind: Secret
type: kubernetes.io/basic-auth
metadata: { name: shop-user, namespace: default }
stringData: { username: shop, password: $password }
YAML
nsenter --net="$state/netns" slipway up "$state/manifests" >"$state/log" 2>&1 &
echo $! >"$state/pid"

# As a whole: this directory is watched.
cat >"$here/.secrets.yaml" <<YAML
apiVersion: v1
kind: Secret
metadata: { name: edge-ca, namespace: default }
stringData:
  ca.crt: $(lines "$state/certificate")
---
apiVersion: v1
kind: Secret
type: kubernetes.io/dockerconfigjson
metadata: { name: edge-login, namespace: default }
stringData:
  .dockerconfigjson: '{"auths":{"$address:5086":{"auth":"$(printf 'shop:%s' "$password" | base64 -w0)"}}}'
YAML
mv "$here/.secrets.yaml" "$here/secrets.yaml"
echo "the other host is $address, its Slipway is process $(cat "$state/pid")"
