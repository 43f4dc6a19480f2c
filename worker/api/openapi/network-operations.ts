// /networks and what happens in them.

import { count, flag, list, nullable, object, ok, type Operations, reference, text } from './operation.ts';

const settings = {
  ...{ 'mtu?': count, 'dns?': list(text), 'domains?': list(text), 'legacy?': flag, 'nullEncryption?': flag },
  ...{ 'ikeLifetimeSeconds?': count, 'childLifetimeSeconds?': count },
};

const one = object({ network: reference('Network') });

export const networkOperations: Operations = {
  'GET /networks': {
    summary: 'The networks of the organisation',
    scope: 'networks:read',
    success: ok(object({ networks: list(reference('Network')) })),
  },
  'POST /networks': {
    summary: 'Add a network',
    description: 'Pools that are left out are drawn; null: none of this family.',
    scope: 'networks:write',
    body: object({
      ...{ name: text, 'ipv4?': nullable(text), 'ipv6?': nullable(text), 'access?': text },
      ...settings,
    }),
    success: ok(one, 201),
    refusals: ['bad-name', 'bad-pool', 'bad-prefix', 'host-bits-set', 'name-taken'],
  },
  'GET /networks/{network}': { summary: 'One network', scope: 'networks:read', success: ok(one) },
  'PATCH /networks/{network}': {
    summary: 'Change settings of a network',
    description: 'Members meet them when they connect next.',
    scope: 'networks:write',
    body: object(settings),
    success: ok(one),
    refusals: ['pool-fixed'],
  },
  'DELETE /networks/{network}': {
    summary: 'Remove an empty network',
    scope: 'networks:write',
    success: ok(object({ removed: text })),
    refusals: ['network-not-empty'],
  },
  'GET /status': {
    summary: 'Who is connected',
    scope: 'status:read',
    query: { network: text, after: text, live: text },
    success: ok(
      object({
        peers: list(reference('Peer')),
        networks: list(reference('NetworkState')),
        more: list(object({ network: text, after: text })),
      }),
    ),
  },
  'GET /attempts': {
    summary: 'The last handshakes, failed ones too',
    scope: 'status:read',
    query: { network: text },
    success: ok(object({ attempts: list(reference('Attempt')) })),
  },
  'GET /networks/{network}/members/{member}/explain': {
    summary: 'Why a member does not connect',
    scope: 'status:read',
    query: { waiting: { type: 'integer', description: 'Seconds that somebody has waited for it.' } },
    success: ok(object({ member: text, findings: list(reference('Explanation')), report: text })),
  },
  'GET /metrics': {
    summary: 'The organisation in numbers',
    description: 'Stands at /metrics, too.',
    scope: 'status:read',
    success: { status: 200, file: 'application/openmetrics-text' },
  },
};
