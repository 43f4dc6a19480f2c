#!/usr/bin/env bash
# Installs the Debian packages of the laboratory (test/lab): stock clients, and what builds the networks around them.
set -euo pipefail

packages=(
  charon-systemd strongswan-swanctl strongswan-pki
  libstrongswan-standard-plugins libstrongswan-extra-plugins libcharon-extra-plugins libcharon-extauth-plugins
  nftables iproute2 conntrack iputils-ping iperf3 tcpdump procps
  chromium
  libnss3-tools libldns3 libunbound8 libcurl3-nss libcap-ng0 libnm0
  libevent-2.1-7 libevent-core-2.1-7 libevent-pthreads-2.1-7
)

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo 'setup-lab: this script knows Debian and its relatives only; install strongSwan (charon-systemd, swanctl, pki), nftables, iproute2, conntrack, ping, iperf3 and tcpdump by hand.' >&2
  exit 1
fi

# Only unpacked: as packages libreswan keeps strongSwan away, and the others start services that nobody asked for.
unpacked=(libreswan openiked network-manager)
beside=/opt/culvert-lab

missing=()
wanted=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
for package in "${unpacked[@]}"; do
  [ -e "$beside/$package" ] || wanted+=("$package")
done
all=("${missing[@]}" "${wanted[@]}")
if [ ${#all[@]} -eq 0 ]; then
  echo 'setup-lab: everything is installed.'
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "setup-lab: installing ${all[*]} needs root; run: sudo npm run setup:lab" >&2
  exit 1
fi

had_charon=no
installed charon-systemd && had_charon=yes

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
if [ ${#missing[@]} -gt 0 ]; then
  apt-get install -qq --yes -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}"
fi

if [ ${#wanted[@]} -gt 0 ]; then
  folder=$(mktemp --directory)
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "${wanted[@]}")
  mkdir --parents "$beside"
  for package in "${wanted[@]}"; do
    dpkg-deb --extract "$folder/$package"_*.deb "$beside/$package"
  done
  rm -r "$folder"
fi
# pluto looks for its helpers here; iked gives its rights away to this user, even to check a configuration.
[ -e /usr/libexec/ipsec ] || ln -s "$beside/libreswan/usr/libexec/ipsec" /usr/libexec/ipsec
id -u _iked >/dev/null 2>&1 || useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin _iked

# The laboratory starts its own daemons: the service of the machine that came along is not wanted.
if [ "$had_charon" = no ] && [ -d /run/systemd/system ]; then
  systemctl disable --now strongswan.service >/dev/null 2>&1 || true
fi
echo "setup-lab: installed ${all[*]}."
