// The peer core as its shell sees it.

import type { Peer } from '../../src/peer/peer.ts';

export type PeerCore = Pick<
  Peer,
  | 'member'
  | 'stepIke'
  | 'stepTick'
  | 'stepCommand'
  | 'commit'
  | 'checkpoint'
  | 'deadline'
  | 'openEsp'
  | 'awaitedSpi'
  | 'sealEsp'
  | 'reserve'
  | 'overdrawn'
  | 'grant'
  | 'windows'
  | 'woke'
  | 'wantsLiveness'
  | 'suspects'
  | 'status'
  | 'carried'
>;

export type CoreStep = Awaited<ReturnType<PeerCore['stepTick']>>;
export type CoreCheckpoint = ReturnType<PeerCore['checkpoint']>;
export type CoreMarks = Parameters<PeerCore['woke']>[0]['marks'];
export type MakeCore = (route: number, checkpoint: CoreCheckpoint) => PeerCore;
