// What the API's answers are made of, by name; json.ts holds the same for the compiler.

import {
  anything,
  count,
  counters,
  flag,
  list,
  nullable,
  object,
  oneOf,
  reference,
  type Schema,
  text,
  time,
} from './operation.ts';

const kind = oneOf('device', 'site');
const role = oneOf('owner', 'admin', 'auditor', 'member');
const rate = { type: 'number' };

const network = object({
  ...{ id: text, name: text, label: text, organisation: text, ipv4: nullable(text), ipv6: nullable(text) },
  ...{ gateway: list(text), dns: list(text), domains: list(text), mtu: count },
  ...{ legacy: flag, nullEncryption: flag, ikeLifetimeSeconds: count, childLifetimeSeconds: count },
  ...{ devices: count, sites: count, createdAt: time },
});

const member = object({
  ...{ id: text, name: text, network: text, kind, auth: oneOf('cert', 'eap', 'psk'), identity: text },
  ...{ addresses: list(text), prefixes: list(text) },
  certificate: nullable(object({ fingerprint: text, notAfter: time })),
  ...{ owner: nullable(text), createdAt: time, suspendedAt: nullable(time), revokedAt: nullable(time) },
  'secret?': { type: 'string', description: 'Told once, when it is enrolled.' },
});

const natReport = object({
  ...{ behind: text, mobike: flag, additional: list(text), moved: count },
  moves: list(object({ at: time, from: text, to: text, by: text })),
  lifetime: object({ survived: nullable(count), expired: nullable(count) }),
  keepalive: nullable(count),
  roundTrip: nullable(object({ smoothed: count, variation: count })),
  loss: nullable(rate),
  fragments: object({ supported: flag, largest: nullable(count) }),
  relay: text,
});

const peer = object({
  ...{
    member: text,
    name: text,
    network: text,
    kind,
    asOf: nullable(time),
    state: oneOf('connecting', 'connected', 'unknown'),
  },
  ...{
    path: text,
    relay: text,
    nat: text,
    suite: text,
    esp: list(text),
    mtu: count,
    addresses: list(text),
    unreached: list(text),
  },
  ...{ octetsIn: count, octetsOut: count, packetsIn: count, packetsOut: count, since: time, lastIn: time },
  ...{ drops: counters, report: nullable(natReport) },
});

const attempt = object({
  ...{ at: time, path: text, outcome: oneOf('connected', 'failed'), reason: nullable(text), detail: text },
  ...{ identity: text, network: nullable(text), member: nullable(text) },
});

const subject = object({ kind: oneOf('everyone', 'group', 'device', 'site'), 'name?': text, 'prefixes?': list(text) });

const rule = object({
  ...{ id: text, source: reference('Subject'), target: reference('Subject') },
  ...{ services: list(text), action: oneOf('allow', 'deny') },
});

const policy = { version: count, default: oneOf('allow', 'deny'), rules: list(reference('Rule')) };

const cohort = object({ name: text, members: count, prefix: nullable(text) });

const asked = object({ name: text, kind, address: text });

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Error: object({ error: object({ code: text, message: text, next: text, 'field?': text }) }),
  Network: network,
  Member: member,
  Peer: peer,
  Attempt: attempt,
  ProfileFile: object({ path: text, mode: count, mime: text, content: { type: 'string', contentEncoding: 'base64' } }),
  Explanation: object({
    ...{ row: text, severity: oneOf('failure', 'warning', 'note'), title: text, text },
    ...{ next: list(text), evidence: list(list(text)) },
  }),
  Group: object({ id: text, name: text, members: count, createdAt: time }),
  Subject: subject,
  Rule: rule,
  Policy: object(policy),
  PolicyVersion: object({ ...policy, who: text, at: time }),
  Change: object({ from: cohort, to: cohort, lost: list(text), gained: list(text) }),
  AccessAnswer: object({
    ...{ allowed: flag, position: nullable(count), rule: nullable(reference('Rule')) },
    ...{ default: oneOf('allow', 'deny'), from: asked, to: asked },
  }),
  Organisation: object({ id: text, name: text, createdAt: time }),
  Person: object({ id: text, name: text, email: text, role, joinedAt: time }),
  Invitation: object({
    ...{ id: text, organisation: text, email: text, role, invitedBy: text, createdAt: time, expiresAt: time },
  }),
  Token: object({
    ...{ id: text, name: text, scopes: list(text), createdBy: text, createdAt: time, expiresAt: time },
    ...{ lastUsedAt: nullable(time), 'secret?': { type: 'string', description: 'Told once, when it is made.' } },
  }),
  AuditEntry: object({
    ...{ id: count, at: time, actor: text, action: text, target: text, before: anything, after: anything },
  }),
  Webhook: object({
    ...{ id: text, url: text, events: list(text), createdAt: time },
    'secret?': { type: 'string', description: 'Told once, when it is added.' },
  }),
  Delivery: object({
    ...{ id: text, event: text, createdAt: time, attempts: count, dueAt: nullable(time) },
    ...{ deliveredAt: nullable(time), status: nullable(count), failure: nullable(text) },
  }),
  Link: object({ format: text, createdBy: text, createdAt: time, expiresAt: time, takenAt: nullable(time) }),
  NewLink: object({
    ...{ link: text, qr: { type: 'string', description: 'SVG.' }, format: text, expiresAt: time },
    ...{ steps: list(text), password: nullable(text) },
  }),
  Authority: object({
    ...{ subject: text, fingerprint: text, notBefore: time, notAfter: time, acceptedUntil: nullable(time), pem: text },
  }),
};
