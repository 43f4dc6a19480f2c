// Names: whether the device asks the DNS servers that it was given, and whether they answer.

import type { Explanation } from './explanation.ts';
import type { ConnectionFacts, Facts, NetworkFacts } from './facts.ts';
import { countersOf } from './flowing.ts';

/** Who has carried so much for so long has looked something up. */
const PACKETS = 10;
const LOOKED_UP_MS = 60_000;
/** Unanswered questions that are no accident: clients repeat theirs. */
const QUESTIONS = 3;

export function namesNotFound({ connection, network, now }: Facts): Explanation | null {
  if (!connection || !network || network.dns.length === 0) return null;
  const { asked, elsewhere, answered } = connection.dns;
  if (asked >= QUESTIONS && answered === 0) return serverSilent(connection, network);
  const carried = connection.packetsIn - elsewhere;
  const works = connection.packetsOut > 0 && carried >= PACKETS && now - connection.since >= LOOKED_UP_MS;
  // Without names of its own, whoever asks elsewhere finds what there is.
  if (asked > 0 || !works || network.domains.length === 0) return null;
  return serverNotAsked(connection, network);
}

function serverSilent(connection: ConnectionFacts, network: NetworkFacts): Explanation {
  return {
    row: 'dns-silent',
    severity: 'warning',
    title: 'Its questions for names are not answered.',
    text: `The device asks the DNS server of the network (${network.dns.join(', ')}) through the tunnel, as it should, and no answer comes back. Addresses work, names do not.`,
    next: [
      "Ask 'can it reach …?' on the page Access, for the DNS server and UDP port 53.",
      'Look whether the DNS server runs, and whether it answers the addresses of this network.',
    ],
    evidence: evidenceOf(connection, network),
  };
}

/** Clients that take a DNS server for all names or for none. */
function serverNotAsked(connection: ConnectionFacts, network: NetworkFacts): Explanation {
  const windows = connection.windows
    ? ['On Windows, run our script again: it sets the rule for these names.']
    : ['Give it the new profile: where its system can ask by domain, the profile says so.'];
  return {
    row: 'split-dns',
    severity: 'warning',
    title: 'Names of the network are not found on this device.',
    text: `The network has names of its own (${network.domains.join(', ')}), and the device has not asked its DNS server (${network.dns.join(', ')}) for a single one${connection.dns.elsewhere > 0 ? ', but others' : ''}. Addresses work there, and these names do not: many systems cannot ask one server for some names and another for the rest.`,
    next: [...windows, 'Or send everything through the tunnel: then the device asks this server for all names.'],
    evidence: evidenceOf(connection, network),
  };
}

function evidenceOf(connection: ConnectionFacts, { domains, dns }: NetworkFacts): (readonly [string, string])[] {
  const { asked, elsewhere, answered } = connection.dns;
  return [
    ...(domains.length > 0 ? [['domains', domains.join(', ')] as const] : []),
    ['DNS servers', dns.join(', ')],
    ['questions to them', String(asked)],
    ['answers of theirs', String(answered)],
    ['questions to others', String(elsewhere)],
    ...countersOf(connection),
  ];
}
