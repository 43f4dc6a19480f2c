// Our own client (raw-client.ts) in a host, for what stock clients refuse to do.

import { fileURLToPath } from 'node:url';
import { eventually, expect } from './expect.ts';
import { GATEWAY_ADDRESS } from './gateway.ts';
import type { BareDevice } from './lab.ts';

const PROGRAM = fileURLToPath(new URL('raw-client.ts', import.meta.url));

export interface Report {
  readonly step?: string;
  readonly error?: string;
  /** Of `connect`. */
  readonly address?: string;
  readonly natHere?: boolean;
  readonly natThere?: boolean;
  /** Of `ping` and `spoof`: packets that came back through the tunnel. */
  readonly answers?: number;
}

/** How it differs from a stock client. */
export interface Oddities {
  /** The address that it claims to be, in place of its own identity. */
  readonly claims?: string;
  /** The only ESP suite that it offers, such as `aes256gmac`. */
  readonly esp?: string;
  /** SPIs that it chooses, in hex: of the IKE SA, and of every child SA. */
  readonly spis?: { readonly ike: string; readonly esp: string };
  /** No NAT detection in IKE_SA_INIT, which goes to port 4500. */
  readonly withoutNatDetection?: boolean;
}

/** Runs steps (`connect`, `ping TO COUNT`, `spoof SOURCE TO COUNT`) and returns a report of each; the client stays connected. */
export async function runClient(
  { name, host, folder }: BareDevice,
  local: string,
  steps: readonly string[],
  oddities: Oddities = {},
): Promise<readonly Report[]> {
  const tsx = ['--import', import.meta.resolve('tsx')];
  const service = host.start('client', [
    process.execPath,
    ...tsx,
    PROGRAM,
    folder,
    local,
    GATEWAY_ADDRESS,
    JSON.stringify(oddities),
    ...steps,
  ]);
  const reports = (): Report[] =>
    service
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Report);
  await eventually(
    () => {
      const failed = reports().find(({ error }) => error !== undefined);
      expect(!failed, `${name}: ${failed?.error}`);
      expect(service.running, `the client of ${name} ended:\n${service.output().slice(-2_000)}`);
      return reports().some(({ step }) => step === 'end');
    },
    `the client of ${name} did not come to its end`,
    40_000,
  );
  return reports();
}
