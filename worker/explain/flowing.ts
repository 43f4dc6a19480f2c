// The tunnel stands: what goes through it, and what does not.

import type { Explanation } from './explanation.ts';
import type { ConnectionFacts, Facts } from './facts.ts';
import { moment, span } from './moment.ts';

/** A device sends something of its own accord within so long: names to look up, time to ask for. */
const FIRST_PACKET_MS = 15_000;

export function nothingSent({ connection, now, network }: Facts): Explanation | null {
  if (!connection?.carries || connection.packetsIn > 0 || now - connection.since < FIRST_PACKET_MS) return null;
  return {
    row: 'nothing-sent',
    severity: 'failure',
    title: 'It is connected, and sends nothing through the tunnel.',
    text: `The tunnel has stood for ${span(now - connection.since)}, and not one packet came through it. The device routes elsewhere: its own LAN has the same addresses as the network, a firewall on it stops them, or it waits behind the sign-in page of a guest network.`,
    next: [
      'Compare the address of its LAN with the prefixes of the network (below): if they overlap, change one of the two.',
      'Open a web page on the device without VPN: a guest network may ask for something first.',
      'Switch other VPN and firewall software on the device off, to see whether it is that.',
    ],
    evidence: [['prefixes of the network', network?.prefixes.join(', ') || 'none'], ...countersOf(connection)],
  };
}

export function nothingBack({ connection, network }: Facts): Explanation | null {
  if (!connection || connection.packetsIn === 0) return null;
  const { drops, packetsOut } = connection;
  const stopped = denied(drops);
  const unreachable = (drops.offline ?? 0) + (drops['no-route'] ?? 0);
  // Whoever is refused is told so, with a packet of the gateway's own: these are no answers of anybody.
  if (packetsOut > stopped + unreachable) return null;
  const evidence = [
    ['sites that are down', network?.sitesDown.join(', ') || 'none'] as const,
    ...countersOf(connection),
  ];
  if (stopped > 0) {
    return {
      row: 'policy-denies',
      severity: 'failure',
      title: 'The rules of the network stop it.',
      text: `${stopped} packets of this device were stopped by the rules of the network, and nothing was let back to it.`,
      next: [
        "Ask 'can it reach …?' on the page Access: it names the rule.",
        'Add a rule for its group, or put it into another group.',
      ],
      evidence: [['rules that stopped it', rulesIn(drops)], ...evidence],
    };
  }
  if (unreachable > 0 && (network?.sitesDown.length ?? 0) > 0) {
    return {
      row: 'site-down',
      severity: 'failure',
      title: 'What it wants to reach is not connected.',
      text: 'Its packets are for a site that is not connected at the moment.',
      next: ['Look at the page of the site: it says since when, and why.'],
      evidence,
    };
  }
  return {
    row: 'no-way-back',
    severity: 'warning',
    title: 'Its packets arrive, and no answer comes back.',
    text: 'What the device sends reaches us and is passed on. Nothing comes back: the other side drops it, or has no route to the addresses of this network. If the device only sends, and waits for no answer, all is well.',
    next: [
      `On the LAN behind the site, route ${network?.prefixes[0] ?? 'the pool of the network'} to the site's router.`,
      'Look at the firewall of what the device wants to reach: it sees the address of the device in this network.',
    ],
    evidence,
  };
}

function denied(drops: Readonly<Record<string, number>>): number {
  return Object.entries(drops).reduce((sum, [reason, count]) => (reason.startsWith('policy') ? sum + count : sum), 0);
}

/** By their ids, as the page Access has them. */
function rulesIn(drops: Readonly<Record<string, number>>): string {
  const reasons = Object.keys(drops).filter((reason) => reason.startsWith('policy'));
  const named = reasons.map((reason) => reason.slice('policy:'.length));
  return named.map((rule) => (rule === 'default' ? 'what the network does by default' : rule)).join(', ');
}

export function countersOf({
  since,
  packetsIn,
  packetsOut,
  drops,
  software,
}: ConnectionFacts): (readonly [string, string])[] {
  const dropped = Object.entries(drops).map(([reason, count]) => `${reason} ${count}`);
  return [
    ['connected since', moment(since)],
    ['packets from it', String(packetsIn)],
    ['packets to it', String(packetsOut)],
    ...(dropped.length > 0 ? [['dropped', dropped.join(', ')] as const] : []),
    ...(software ? [['software', software] as const] : []),
  ];
}
