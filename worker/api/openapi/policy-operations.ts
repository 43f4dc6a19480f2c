// Groups, and who may reach what.

import { count, flag, list, nullable, object, ok, type Operations, oneOf, reference, text } from './operation.ts';

const at = '/networks/{network}';
const one = object({ group: reference('Group') });
const rules = { default: oneOf('allow', 'deny'), rules: list(reference('Rule')) };

export const policyOperations: Operations = {
  [`GET ${at}/groups`]: {
    summary: 'The groups of a network',
    scope: 'policy:read',
    success: ok(object({ groups: list(reference('Group')) })),
  },
  [`GET ${at}/members/{member}/groups`]: {
    summary: 'The groups that a device or site is in',
    scope: 'policy:read',
    success: ok(object({ groups: list(reference('Group')) })),
  },
  [`POST ${at}/groups`]: {
    summary: 'Add a group',
    scope: 'policy:write',
    body: object({ name: text }),
    success: ok(one, 201),
    refusals: ['bad-name', 'name-taken', 'too-many-groups'],
  },
  [`GET ${at}/groups/{group}`]: {
    summary: 'One group, and who is in it',
    scope: 'policy:read',
    query: {
      after: { type: 'string', description: "What came as 'next'." },
      limit: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
    },
    success: ok(
      object({ group: reference('Group'), members: list(object({ name: text, kind: text })), next: nullable(text) }),
    ),
  },
  [`PATCH ${at}/groups/{group}`]: {
    summary: 'Rename a group',
    scope: 'policy:write',
    body: object({ name: text }),
    success: ok(one),
    refusals: ['bad-name', 'name-taken'],
  },
  [`DELETE ${at}/groups/{group}`]: {
    summary: 'Remove a group that no rule names',
    scope: 'policy:write',
    success: ok(object({ removed: text })),
    refusals: ['group-in-use'],
  },
  [`POST ${at}/groups/{group}/members`]: {
    summary: 'Put devices and sites into a group',
    scope: 'policy:write',
    body: object({ members: list(text) }),
    success: ok(object({ group: text, added: list(text) })),
  },
  [`DELETE ${at}/groups/{group}/members/{member}`]: {
    summary: 'Take one out of a group',
    scope: 'policy:write',
    success: ok(object({ group: text, removed: text })),
  },
  [`GET ${at}/policy`]: {
    summary: 'Who may reach what',
    scope: 'policy:read',
    success: ok(object({ policy: reference('Policy') })),
  },
  [`PUT ${at}/policy`]: {
    summary: 'Replace the policy, if it is still the version that the change begins from',
    scope: 'policy:write',
    body: object({ version: count, ...rules }),
    success: ok(object({ policy: reference('Policy') })),
    refusals: ['policy-changed', 'bad-rule', 'unknown-group'],
  },
  [`GET ${at}/policy/history`]: {
    summary: 'Its versions, the youngest first',
    scope: 'policy:read',
    query: { before: count },
    success: ok(object({ versions: list(reference('PolicyVersion')), next: nullable(count) })),
  },
  [`POST ${at}/policy/dry-run`]: {
    summary: 'Who would lose or gain what',
    scope: 'policy:read',
    body: object({ 'version?': count, ...rules }),
    success: ok(object({ changes: list(reference('Change')), losing: count, gaining: count, complete: flag })),
    refusals: ['bad-rule', 'unknown-group'],
  },
  [`POST ${at}/policy/ask`]: {
    summary: 'Can one reach the other?',
    scope: 'policy:read',
    body: object({ from: text, to: text, 'protocol?': text, 'port?': count }),
    success: ok(object({ answer: reference('AccessAnswer') })),
  },
};
