// Ping with its replies counted.

import { expect } from './expect.ts';
import type { Host } from './namespace.ts';

export interface Pings {
  readonly sent: number;
  readonly received: number;
}

export async function ping(from: Host, to: string, count = 3, seconds = 3): Promise<Pings> {
  const args = ['-n', '-q', '-c', String(count), '-i', '0.2', '-W', String(seconds)];
  const { stdout, stderr } = await from.attempt(['ping', ...args, to]);
  const counts = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
  expect(counts, `ping from ${from.name} to ${to} could not run: ${stderr.trim() || stdout.trim()}`);
  return { sent: Number(counts[1]), received: Number(counts[2]) };
}

/** Every echo request is answered, within 3 s each: asked one by one, since ping waits for its last reply no longer than twice the others took. */
export async function expectPing(from: Host, to: string, count = 3): Promise<void> {
  for (let asked = 1; asked <= count; asked++) {
    const { received } = await ping(from, to, 1);
    expect(received === 1, `ping from ${from.name} to ${to}: request ${asked} of ${count} was not answered`);
  }
}

/** Not one echo request is answered. */
export async function expectNoPing(from: Host, to: string, count = 3): Promise<void> {
  const { sent, received } = await ping(from, to, count, 1);
  expect(received === 0, `ping from ${from.name} to ${to}: ${received} of ${sent} answered, none should be`);
}
