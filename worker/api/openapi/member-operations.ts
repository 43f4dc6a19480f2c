// Devices and sites, their profiles and certificates.

import {
  list,
  nullable,
  object,
  ok,
  type Operation,
  type Operations,
  oneOf,
  reference,
  type Schema,
  text,
} from './operation.ts';

const yesNo = oneOf('yes', 'no');
const path = '/networks/{network}/members/{member}';

export const memberOperations: Operations = {
  ...operationsOf('device', object({ name: text, 'auth?': oneOf('cert', 'eap', 'psk') })),
  ...operationsOf('site', object({ name: text, 'auth?': oneOf('cert', 'psk'), prefixes: list(text) })),
  'PATCH /networks/{network}/devices/{member}': {
    summary: 'Say whose device it is',
    description: 'The id of a person of the organisation, or null.',
    scope: 'members:write',
    body: object({ owner: nullable(text) }),
    success: ok(object({ device: reference('Member') })),
    refusals: ['unknown-person'],
  },
  [`GET ${path}/profile`]: {
    summary: 'What the member takes to connect; it holds its secret',
    scope: 'members:write',
    query: { format: text, start: yesNo, fullTunnel: yesNo, onDemand: yesNo },
    success: ok(
      object({
        files: list(reference('ProfileFile')),
        folders: list(text),
        steps: list(text),
        password: nullable(text),
      }),
    ),
    refusals: ['unknown-format', 'unfit-format'],
  },
  [`GET ${path}/links`]: {
    summary: 'One-time links to its profile, and which were used',
    scope: 'members:read',
    success: ok(object({ links: list(reference('Link')) })),
  },
  [`POST ${path}/links`]: {
    summary: 'Make a one-time link to its profile',
    scope: 'members:write',
    body: object({ format: text, 'hours?': { type: 'integer', minimum: 1, maximum: 168 } }),
    success: ok(reference('NewLink'), 201),
    refusals: ['unknown-format', 'unfit-format'],
  },
  [`POST ${path}/certificate`]: {
    summary: 'Give it another certificate',
    description: 'The one before is accepted for 14 days more.',
    scope: 'members:write',
    success: ok(object({ member: reference('Member') }), 201),
    refusals: ['not-certified'],
  },
  [`POST ${path}/{command}`]: {
    summary: 'Command its connection: rekey-child, rekey-ike, disconnect',
    scope: 'members:write',
    success: ok(object({ member: text, command: text })),
    refusals: ['not-connected'],
  },
  'GET /mine': {
    summary: 'Devices of whoever is signed in',
    scope: null,
    success: ok(object({ devices: list(reference('Member')) })),
  },
  'POST /mine/{member}/links': {
    summary: 'Make a one-time link to the profile of a device of your own, by its id',
    scope: null,
    body: object({ format: text, 'hours?': { type: 'integer', minimum: 1, maximum: 168 } }),
    success: ok(reference('NewLink'), 201),
    refusals: ['unknown-device', 'unknown-format'],
  },
};

function operationsOf(kind: 'device' | 'site', body: Schema): Operations {
  const one = object({ [kind]: reference('Member') });
  const all = `/networks/{network}/${kind}s`;
  const page: Operation = {
    summary: `The ${kind}s of a network, by name`,
    scope: 'members:read',
    query: {
      after: { type: 'string', description: "What came as 'next'." },
      prefix: { type: 'string', description: 'Names that begin so.' },
      limit: { type: 'integer', minimum: 1, maximum: 500 },
    },
    success: ok(object({ [`${kind}s`]: list(reference('Member')), next: nullable(text) })),
  };
  return {
    [`GET ${all}`]: page,
    [`POST ${all}`]: {
      summary: `Enrol a ${kind}`,
      description: 'Its secret is told once, in this answer; a certificate is in its profile.',
      scope: 'members:write',
      body,
      success: ok(one, 201),
      refusals: ['bad-name', 'bad-auth', 'name-taken', 'pool-exhausted', 'prefix-overlap'],
    },
    [`GET ${all}/{member}`]: { summary: `One ${kind}`, scope: 'members:read', success: ok(one) },
    [`DELETE ${all}/{member}`]: {
      summary: `Revoke a ${kind}; its connection ends at once`,
      scope: 'members:write',
      success: ok(one),
      refusals: ['edge-busy'],
    },
    [`PUT ${all}/{member}/suspension`]: {
      summary: `Suspend a ${kind}; its connection ends at once`,
      description: 'It cannot connect until it is resumed; its profile stays good.',
      scope: 'members:write',
      success: ok(one),
      refusals: ['edge-busy'],
    },
    [`DELETE ${all}/{member}/suspension`]: {
      summary: `Resume a ${kind}: it may connect again`,
      scope: 'members:write',
      success: ok(one),
      refusals: ['edge-busy'],
    },
  };
}
