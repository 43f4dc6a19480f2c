// What a situation of the troubleshooter is: real messages that make it, and the row that is to be read afterwards.

import type { RowName } from '../../../worker/explain/explanation.ts';
import type { InitiatorOptions } from '../../sim/initiator/options.ts';
import { Device } from '../device.ts';
import type { Enrolled, Office } from '../office.ts';
import { eventually } from '../relay.ts';

/**
 * The rows of the product's table, left column, and the cases that each of them names. Two of them are made of less than messages to the
 * edge: where nothing arrives, what the client sends is lost on the way; and 200 MiB are counted, not sent. Cookies are asked for by
 * relays, whose part the test plays.
 */
export const TABLE = {
  'nothing from your IP in 60 s': ['nothing'],
  'IKE_SA_INIT on 500, never 4500': ['never 4500'],
  'INIT with only MODP1024': ['only MODP1024'],
  'NO_PROPOSAL_CHOSEN otherwise': ['nothing in common'],
  'INVALID_KE retry loop / COOKIE': ['INVALID_KE', 'INVALID_KE loop', 'COOKIE', 'COOKIE loop'],
  'AUTH arrives in pieces, fragment n missing': ['fragment missing'],
  AUTH: ['unknown CA', 'expired', 'not yet valid', 'revoked', 'SAN != ID', 'DN != subject', 'DN as FQDN'],
  'we sent AUTH, client vanished': ['EAP, aloud', 'EAP, silent', 'certificate, aloud', 'certificate, silent'],
  'CHILD up, no ESP in': ['no ESP in'],
  'ESP in, nothing back': ['policy denies', 'site down', 'no return route'],
  'drops after a while': ['8 min', '24 min', '48 min', '60 min', '200 MiB'],
  'DNS fails but IP works': ['never asked', 'never answered'],
  'two devices same cert': ['two devices'],
  /** Not of the table: what else is told. */
  more: [
    ...[
      'began and stopped',
      'no certificate',
      'old certificate',
      'suspended',
      'wrong key',
      'wrong password',
      'unknown name',
    ],
    ...['wrong method', 'no address asked', 'foreign prefixes', 'something else', 'went silent'],
  ],
} as const;

type Table = typeof TABLE;

export type Case = { [Row in keyof Table]: readonly [row: Row, name: Table[Row][number]] }[keyof Table];

export interface Situation {
  readonly case: Case;
  readonly shows: RowName;
  readonly severity: 'failure' | 'warning' | 'note';
  /** In what is said, beside the title. */
  readonly says: RegExp;
  readonly arise: (office: Office) => Promise<Scene>;
}

export interface Scene {
  readonly who: Enrolled;
  /** The last one that came by that name. */
  readonly device: Device;
  /** For how many seconds somebody has waited for it: a question that the API takes, and the page of a device does not ask. */
  readonly waiting?: number;
}

/** A client of that member, dialled and not begun. */
export async function clientOf(who: Enrolled, how: Partial<InitiatorOptions> = {}): Promise<Device> {
  return new Device().become(who.credentials, how).dial();
}

/** It begins, and goes on until it is over or up. */
export async function tried(device: Device): Promise<Device> {
  await device.begin();
  await device.until(() => device.initiator.established || device.initiator.phase === 'closed');
  return device;
}

/** It is up, and its network knows. */
export async function connected(
  office: Office,
  who: Enrolled,
  how: Partial<InitiatorOptions> = {},
  device: Device | null = null,
): Promise<Device> {
  const client = device ?? (await clientOf(who, how));
  await tried(client);
  if (!client.initiator.established) throw new Error(`not established: ${client.initiator.session.ended}`);
  await eventually(async () => (await office.object.find(who.record.id))?.route === client.route);
  return client;
}

/** The network knows that it has gone. */
export async function gone(office: Office, who: Enrolled): Promise<void> {
  await eventually(async () => (await office.object.find(who.record.id)) === null);
}
