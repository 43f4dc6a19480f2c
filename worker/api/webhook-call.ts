// Webhooks are told right after the answer has gone out; what fails is tried again by the clock.

import { deliverDue } from '../schedule/deliver.ts';
import type { ApiContext } from './respond.ts';

export function tellWebhooks(c: ApiContext): void {
  const told = deliverDue(c.env, Date.now()).catch((thrown: Error) => {
    console.warn(JSON.stringify({ level: 'warn', room: 'api', event: 'webhooks-not-told', error: thrown.name }));
  });
  c.executionCtx.waitUntil(told);
}
