// Random worlds, each played from its seed. CULVERT_WORLDS=N plays N of them, CULVERT_SEED=S begins with seed S; `npm run sim` plays thousands.

import { describe, expect, it } from 'vitest';
import { playWorld } from './world/chaos.ts';

const count = Number(process.env.CULVERT_WORLDS ?? 30);
const first = Number(process.env.CULVERT_SEED ?? 1);
const CHUNK = 10;

describe('random worlds', () => {
  for (let start = first; start < first + count; start += CHUNK) {
    const end = Math.min(start + CHUNK, first + count);
    it(`seeds ${start} to ${end - 1}`, { timeout: 600_000 }, async () => {
      for (let seed = start; seed < end; seed++) {
        const played = await playWorld(seed).catch((error: Error) => {
          throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
        });
        expect(played.delivered, `seed ${seed}`).toBeGreaterThan(0);
        expect(played.nonces, `seed ${seed}`).toBeGreaterThan(0);
      }
    });
  }
});
