// What can be done or happen: the names in the activity, and the events that webhooks are told of.

/** An area, a dot, a verb. */
export const ACTIONS = [
  'network.add',
  'network.change',
  'network.remove',
  'device.add',
  'device.revoke',
  'device.suspend',
  'device.resume',
  'device.command',
  'device.give',
  'device.connected',
  'device.disconnected',
  'site.add',
  'site.revoke',
  'site.suspend',
  'site.resume',
  'site.command',
  'site.connected',
  'site.disconnected',
  'profile.fetch',
  'profile.link',
  'certificate.renew',
  'certificate.expiring',
  'authority.rotate',
  'group.add',
  'group.rename',
  'group.remove',
  'group.join',
  'group.leave',
  'policy.replace',
  'organisation.make',
  'organisation.change',
  'person.change',
  'person.leave',
  'person.remove',
  'invitation.make',
  'invitation.revoke',
  'token.make',
  'token.revoke',
  'webhook.add',
  'webhook.remove',
  'webhook.repeat',
  'webhook.test',
] as const;

export type Action = (typeof ACTIONS)[number];

/** Whatever a webhook may ask for: one of them, all of an area, or all. */
export const EVENTS: readonly string[] = [
  '*',
  ...new Set(ACTIONS.map((action) => `${action.slice(0, action.indexOf('.'))}.*`)),
  ...ACTIONS,
];
