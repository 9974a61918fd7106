#!/usr/bin/env bash
# Installs what the real node needs (runc, CNI plugins, a static busybox for its images, iptables), where it is missing.
# Needs root on a Debian-like system; says so where it can not.
set -euo pipefail
missing=()
[ -x /usr/sbin/runc ] || [ -x /usr/bin/runc ] || missing+=(runc)
[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
[ -x /bin/busybox ] || missing+=(busybox-static)
[ -x /usr/sbin/iptables ] || missing+=(iptables)
command -v openssl >/dev/null || missing+=(openssl)
[ ${#missing[@]} = 0 ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "install.sh: the real node needs: ${missing[*]}. Install them, or run this as root where there is apt-get." >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
