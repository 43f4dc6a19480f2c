// What has just been done, told on the page that follows: a closed list, so that no link can put words into our mouth.

const NOTES = {
  'network-added': 'The network is there.',
  'network-changed': 'Saved. Members meet the change when they connect next.',
  'network-removed': 'The network is removed.',
  'device-revoked': 'Revoked: it is cut off and cannot connect again.',
  'devices-revoked': 'Revoked: they are cut off and cannot connect again.',
  suspended: 'Suspended: it is disconnected, and cannot connect until it is resumed.',
  'devices-suspended': 'Suspended: they are disconnected, and cannot connect until they are resumed.',
  resumed: 'Resumed: it may connect again.',
  'devices-resumed': 'Resumed: they may connect again.',
  'certificate-renewed': 'Renewed. Bring the new profile to it while the certificate before is still accepted.',
  'group-joined': 'Put into the group.',
  'group-left': 'Taken out of the group.',
  'authority-rotated':
    'Another authority signs from now on. Renew certificates before the one before is accepted no more.',
  'webhook-tested': 'A test is on its way.',
  'delivery-repeated': 'It is told again now.',
  'passkey-added': 'The passkey is added: you can sign in with it.',
  'passkey-removed': 'The passkey is removed: it signs nobody in any more.',
  'site-revoked': 'The site is revoked: it is cut off, and its prefixes are free.',
  disconnected: 'Disconnected. It may connect again.',
  rekeyed: 'New keys are being made.',
  'not-connected': 'It is not connected, so there was nothing to do.',
  'policy-saved': 'Saved and in force: connected members follow it within a second.',
  'group-saved': 'The group is saved.',
  'group-removed': 'The group is removed.',
  'invitation-revoked': 'The invitation is taken back: its link works no more.',
  'role-changed': 'The role is changed.',
  'person-removed': 'They are removed, and signed out of this organisation.',
  'token-revoked': 'The token works no more.',
  'webhook-removed': 'The webhook is removed.',
  'webhook-changed': 'The webhook is saved.',
  'signed-out': 'You are signed out.',
  'password-changed': 'The password is changed. Sign in with the new one.',
  'proof-sent': 'The mail is on its way.',
  'proof-not-sent':
    'The mail could not be handed to the service that sends it. Try again in a few minutes; if it goes on, tell whoever runs this deployment.',
  'proof-too-often': 'So many mails went to your address that the next one has to wait some minutes.',
  saved: 'Saved.',
  joined: 'Welcome: you belong to this organisation now.',
} as const;

export type Note = keyof typeof NOTES;

/** @returns null for what is no note. */
export function noteNamed(name: string | null | undefined): string | null {
  return name && Object.hasOwn(NOTES, name) ? NOTES[name as Note] : null;
}
