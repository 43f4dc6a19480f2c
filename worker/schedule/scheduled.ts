// What the deployment does by the clock (wrangler.toml, [triggers]).

import type { Env } from '../env.ts';
import { deliverAllDue } from './deliver.ts';
import { warnOfExpiry } from './expiry.ts';
import { sweep } from './sweep.ts';
import { EVERY_HOUR } from './times.ts';

export async function runScheduled(env: Env, cron: string, now: number): Promise<void> {
  if (cron === EVERY_HOUR) {
    await warnOfExpiry(env, now);
    await sweep(env.DB, now);
  }
  await deliverAllDue(env, now);
}
