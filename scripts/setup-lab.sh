#!/usr/bin/env bash
# Installs the Debian packages of the laboratory (test/lab): a stock strongSwan as client, and what builds the networks around it.
set -euo pipefail

packages=(
  charon-systemd strongswan-swanctl strongswan-pki
  libstrongswan-standard-plugins libstrongswan-extra-plugins libcharon-extra-plugins libcharon-extauth-plugins
  nftables iproute2 conntrack iputils-ping iperf3 tcpdump procps
  chromium
)

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo 'setup-lab: this script knows Debian and its relatives only; install strongSwan (charon-systemd, swanctl, pki), nftables, iproute2, conntrack, ping, iperf3 and tcpdump by hand.' >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo 'setup-lab: everything is installed.'
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "setup-lab: installing ${missing[*]} needs root; run: sudo npm run setup:lab" >&2
  exit 1
fi

had_charon=no
installed charon-systemd && had_charon=yes

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --yes -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}"

# The laboratory starts its own daemons: the service of the machine that came along is not wanted.
if [ "$had_charon" = no ] && [ -d /run/systemd/system ]; then
  systemctl disable --now strongswan.service >/dev/null 2>&1 || true
fi
echo "setup-lab: installed ${missing[*]}."
