// Every order in which what is in flight may arrive, tried one after the other.

import type { Pair } from './pair.ts';

/** Carries any datagram that is in flight, whichever `choose` says. */
export async function carryChosen(pair: Pair, choose: (options: number) => number): Promise<void> {
  for (let steps = 0; steps < 100; steps++) {
    const options = pair.toGateway.length + pair.toClient.length;
    if (options === 0) return;
    const chosen = options === 1 ? 0 : choose(options);
    const queue = chosen < pair.toGateway.length ? pair.toGateway : pair.toClient;
    const at = chosen < pair.toGateway.length ? chosen : chosen - pair.toGateway.length;
    const [datagram] = queue.splice(at, 1);
    // The chosen one goes first, and the pair takes the gateway's side first: so all else waits.
    const others = [pair.toGateway.splice(0), pair.toClient.splice(0)] as const;
    queue.push(datagram!);
    await pair.step();
    pair.toGateway.unshift(...others[0]);
    pair.toClient.unshift(...others[1]);
  }
  throw new Error('no end to it');
}

/**
 * Plays `play` once for each way to choose. Choices beyond `depth` are always the first.
 * @returns how often that was.
 */
export async function everySchedule(
  depth: number,
  play: (choose: (options: number) => number, schedule: () => string) => Promise<void>,
): Promise<number> {
  let prefix: number[] | null = [];
  let plays = 0;
  while (prefix !== null) {
    const taken: { choice: number; options: number }[] = [];
    const forced: number[] = prefix;
    const choose = (options: number) => {
      if (taken.length >= depth) return 0;
      const choice = forced[taken.length] ?? 0;
      taken.push({ choice, options });
      return choice;
    };
    await play(choose, () => taken.map(({ choice }) => choice).join(''));
    plays++;
    prefix = nextPrefix(taken);
  }
  return plays;
}

function nextPrefix(taken: readonly { choice: number; options: number }[]): number[] | null {
  for (let at = taken.length - 1; at >= 0; at--) {
    const { choice, options } = taken[at]!;
    if (choice + 1 < options) return [...taken.slice(0, at).map((one) => one.choice), choice + 1];
  }
  return null;
}
