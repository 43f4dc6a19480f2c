// NATs (RFC 4787) and bad paths, made of nftables.

import { fileURLToPath } from 'node:url';
import { eventually } from './expect.ts';
import { GATEWAY_ADDRESS } from './gateway.ts';
import type { Lan } from './lab.ts';
import type { Host } from './namespace.ts';

/**
 * How a NAT maps: keeps the port when it can, picks a random one, or always the same outside address; picks one below 1024; or
 * leaves source port 500 as it is, as NATs do that know of old IKE, and so has room there for one client.
 */
export type NatKind = 'masquerade' | 'masquerade-random' | 'static' | 'low-ports' | 'keeps-500';

/** Makes a router a NAT: what leaves by `outside` is translated, what comes in unasked is dropped. */
export async function translate(router: Host, outside: string, kind: NatKind, address?: string): Promise<void> {
  const action = {
    masquerade: 'masquerade',
    'masquerade-random': 'masquerade fully-random',
    static: `snat to ${address}`,
    'low-ports': 'meta l4proto udp masquerade to :600-700 fully-random',
    'keeps-500': `udp sport 500 masquerade to :500\n    oifname "${outside}" masquerade`,
  }[kind];
  await router.nft(`
table ip translation {
  chain outgoing {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${outside}" ${action}
  }
  chain through {
    type filter hook forward priority filter; policy accept;
    iifname "${outside}" ct state established,related accept
    iifname "${outside}" ct status dnat accept
    iifname "${outside}" drop
  }
}
`);
}

/** Puts a gateway itself behind a NAT: IKE and NAT-T that reach `outside` go to the inside address. */
export async function publish(router: Host, outside: string, inside: string): Promise<void> {
  await router.nft(`
table ip publication {
  chain incoming {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${outside}" udp dport { 500, 4500 } dnat to ${inside}
  }
}
`);
}

/** Forgets every mapping, as a NAT does that is switched off and on. */
export async function forgetMappings(router: Host): Promise<void> {
  await router.attempt(['conntrack', '-F']);
}

/** How long a NAT keeps a silent UDP mapping. */
export async function setUdpTimeout(router: Host, seconds: number): Promise<void> {
  await router.run([
    ...['sysctl', '-qw', `net.netfilter.nf_conntrack_udp_timeout=${seconds}`],
    `net.netfilter.nf_conntrack_udp_timeout_stream=${seconds}`,
  ]);
}

/**
 * Puts a program of this folder in the place of what the kernel does with datagrams for ports 500 and 4500 of the gateway: they come to
 * ports 1500 and 5500 of the NAT. @param args behind the address of the gateway.
 */
export async function interpose({ router }: Lan, program: string, args: readonly string[]): Promise<void> {
  await router.nft(`
table ip interposed {
  chain incoming {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "inside" ip daddr ${GATEWAY_ADDRESS} udp dport 500 redirect to :1500
    iifname "inside" ip daddr ${GATEWAY_ADDRESS} udp dport 4500 redirect to :5500
  }
}
`);
  const file = fileURLToPath(new URL(program, import.meta.url));
  const service = router.start(program, [process.execPath, file, GATEWAY_ADDRESS, ...args]);
  await eventually(() => /ready/.test(service.output()), `${program} did not start:\n${service.output()}`);
}

/** A condition of the path through a router; `undo` ends it, `hits` counts the packets that it caught. */
export interface Condition {
  undo(): Promise<void>;
  hits(): Promise<number>;
}

/** Drops IP fragments, the first included: many filters in the field do, since a later one carries no ports. */
export function dropFragments(router: Host): Promise<Condition> {
  return impose(router, 'fragments', 'ip frag-off & 0x3fff != 0');
}

/** Lets UDP pass and nothing else. */
export function dropAllButUdp(router: Host): Promise<Condition> {
  return impose(router, 'not_udp', 'ip protocol != udp');
}

/** Drops everything but UDP from and to ports 500 and 4500 of one address: rules without any memory. */
export function allowOnlyIpsec(router: Host, address: string): Promise<Condition> {
  const rules = [
    `ip daddr ${address} udp dport { 500, 4500 } accept`,
    `ip saddr ${address} udp sport { 500, 4500 } accept`,
  ];
  return impose(router, 'firewall', `${rules.join('\n    ')}\n    ip protocol != 0`);
}

export function dropUdpPort(router: Host, port: number): Promise<Condition> {
  return impose(router, `port_${port}`, `udp dport ${port}`);
}

export function dropLoss(router: Host, percent: number): Promise<Condition> {
  return impose(router, 'loss', `udp dport != 0 numgen random mod 100 < ${percent}`);
}

/**
 * What anycast does when a client's datagrams begin to reach another site: those for `from` go to `to`, whose answers keep
 * the address of `from`. Stateless, so that no datagram on its way decides the direction of a connection.
 */
export async function divert(router: Host, from: string, to: string): Promise<Condition> {
  const name = 'diversion';
  await router.nft(`
table ip ${name} {
  chain passing {
    type filter hook prerouting priority -450; policy accept;
    ip daddr ${from} udp dport { 500, 4500 } counter ip daddr set ${to}
    ip saddr ${to} udp sport { 500, 4500 } ip saddr set ${from}
  }
}
`);
  return condition(router, name);
}

async function impose(router: Host, what: string, match: string): Promise<Condition> {
  const name = `path_${what}`;
  // Before connection tracking (-400), which would put fragments together again.
  await router.nft(`
table ip ${name} {
  chain passing {
    type filter hook prerouting priority -450; policy accept;
    ${match} counter drop
  }
}
`);
  return condition(router, name);
}

function condition(router: Host, table: string): Condition {
  return {
    async undo() {
      await router.run(['nft', 'delete', 'table', 'ip', table]);
    },
    async hits() {
      const { stdout } = await router.run(['nft', 'list', 'table', 'ip', table]);
      return Number(/counter packets (\d+)/.exec(stdout)?.[1] ?? 0);
    },
  };
}
