// Culvert as the gateway: the edge and the relay in one host, driven by Culvert's own command line.

import type { Enrolment, SplitGateway } from './gateway.ts';
import type { Host } from './namespace.ts';

export class CulvertGateway implements SplitGateway {
  readonly kind = 'culvert';
  readonly virtualAddress = '100.64.0.1';
  constructor(host: Host) {
    void host;
  }
  start(): Promise<void> {
    throw new Error('not yet');
  }
  stop(): Promise<void> {
    throw new Error('not yet');
  }
  enrol(_member: Enrolment, _folder: string): Promise<void> {
    throw new Error('not yet');
  }
  revoke(_member: string): Promise<void> {
    throw new Error('not yet');
  }
  rekey(_kind: 'ike' | 'child', _member: string): Promise<void> {
    throw new Error('not yet');
  }
  connected(): Promise<string[]> {
    throw new Error('not yet');
  }
  killEdge(): Promise<void> {
    throw new Error('not yet');
  }
  killRelay(): Promise<void> {
    throw new Error('not yet');
  }
  startSecondRelay(): Promise<void> {
    throw new Error('not yet');
  }
}
