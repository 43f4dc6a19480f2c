// What the bench needs of a gateway, whichever it is.

import type { Part } from './accounting.ts';
import type { ClientSetting, Enrolled } from './client-protocol.ts';

export interface Gateway {
  readonly name: 'culvert' | 'strongswan';
  readonly setting: Omit<ClientSetting, 'addresses'>;
  /** Throws a sentence when it does not come up. */
  start(): Promise<void>;
  /** Makes so many more peers known. */
  enrol(count: number): Promise<readonly Enrolled[]>;
  /** Its processes, by part. */
  parts(): Promise<readonly Part[]>;
  stop(): Promise<void>;
}
