// A UDP socket that the relay makes itself, for dgram to wait on: one that Node makes keeps its descriptor to itself.

import type { Libc } from './libc.ts';
import { AF_INET, AF_INET6, SOCKADDR_OCTETS, writeSockaddr } from './sockaddr.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_MTU_DISCOVER = 10;
const IPV6_MTU_DISCOVER = 23;
const IPV6_V6ONLY = 26;
/** Of both families: the interface's MTU counts, nothing that an ICMP error claims, and IP may cut what is longer, as IKE may be (linux/in.h). */
const PMTUDISC_OMIT = 5;

const NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  13: 'EACCES',
  22: 'EINVAL',
  23: 'ENFILE',
  24: 'EMFILE',
  97: 'EAFNOSUPPORT',
  98: 'EADDRINUSE',
  99: 'EADDRNOTAVAIL',
};

/** @returns the descriptor, or the name of the error. */
export function openOwn(libc: Libc, address: string, port: number): number | string {
  const six = address.includes(':');
  const fd = libc.socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return nameOf(libc.errno());
  const name = Buffer.alloc(SOCKADDR_OCTETS);
  const length = writeSockaddr(name, address, port);
  const set = (level: number, option: number, value: number) => libc.setsockopt(fd, level, option, int(value), 4);
  if (six) set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (six) set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_OMIT);
  else set(IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_OMIT);
  if (length > 0 && libc.bind(fd, name, length) === 0) return fd;
  const code = length > 0 ? nameOf(libc.errno()) : 'EADDRNOTAVAIL';
  libc.close(fd);
  return code;
}

function int(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeInt32LE(value);
  return octets;
}

function nameOf(errno: number): string {
  return NAMES[errno] ?? `error ${errno}`;
}
