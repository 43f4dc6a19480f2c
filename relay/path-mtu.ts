// Whether a forged ICMP error makes this host cut what the relay sends (RFC 8085 section 3.1; Linux, Documentation/networking/ip-sysctl.rst).

import { readFileSync } from 'node:fs';

const SETTING = '/proc/sys/net/ipv4/ip_no_pmtu_disc';

/** 2 discards such errors, 3 believes them only where the protocol can tell a true one, which UDP cannot. */
const SAFE = ['2', '3'];

/**
 * A datagram socket of Node's cannot say that it will not follow ICMP, as those do that the relay makes itself: so the host must.
 * @param read what stands in a file; throws where there is none, as on other systems than Linux.
 * @returns one sentence for whoever runs the host, or null.
 */
export function pathMtuWarning(read: (path: string) => string = readText): string | null {
  const value = settingOn(read);
  if (value === null || SAFE.includes(value)) return null;
  return (
    `net.ipv4.ip_no_pmtu_disc is ${value}: anybody who forges an ICMP "fragmentation needed" makes this host cut ESP into IP fragments, ` +
    `which many NATs and firewalls drop; run 'sysctl -w net.ipv4.ip_no_pmtu_disc=3', and write it to /etc/sysctl.d, before the relay starts`
  );
}

function settingOn(read: (path: string) => string): string | null {
  try {
    return read(SETTING).trim();
  } catch {
    return null;
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
