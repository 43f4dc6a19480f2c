// The edge process: the Worker in workerd by way of Miniflare, its objects and its database below the data folder.

import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { firstAccountToken } from '../../worker/account/keys.ts';
import { type MigratedDatabase, migrate } from '../../worker/directory/migrate.ts';
import { EVERY_HOUR, EVERY_MINUTE } from '../../worker/schedule/times.ts';
import { type EdgeConfig, workerOptions } from './deployment.ts';
import { lines } from './lines.ts';

/** What the edge process tells its supervisor. */
export type EdgeMessage =
  | { readonly kind: 'progress'; readonly text: string }
  /** `firstAccount`: the link by which the first account is made, while there is none. */
  | { readonly kind: 'ready'; readonly url: string; readonly firstAccount: string | null }
  /** It ends now, and starting it again would not help. */
  | { readonly kind: 'failed'; readonly message: string };

const HEALTH = { everyMs: 10_000, patienceMs: 10_000, tries: 3 } as const;
const MINUTE_MS = 60_000;
const CANNOT_START = 1;
const RUNTIME_LOST = 3;

process.once('message', (config) => {
  run(config as EdgeConfig).catch((error: Error) => fail(sentence(error, config as EdgeConfig)));
});
// The supervisor is gone: nobody would stop this process.
process.once('disconnect', () => process.exit(0));

async function run(config: EdgeConfig): Promise<void> {
  tell({ kind: 'progress', text: 'starting the edge' });
  let stopping = false;
  const miniflare = new Miniflare({
    ...workerOptions(config),
    host: config.host,
    port: config.port,
    d1Persist: join(config.data, 'd1'),
    durableObjectsPersist: join(config.data, 'objects'),
    cachePersist: false,
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      lines(stdout, (line) => process.stdout.write(`${line}\n`));
      lines(stderr, (line) => process.stderr.write(`${line}\n`));
      // workerd is gone and Miniflare does not bring it back: this process ends, and is started again.
      stdout.once('end', () => {
        if (!stopping) process.exit(RUNTIME_LOST);
      });
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopping = true;
      miniflare.dispose().then(
        () => process.exit(0),
        () => process.exit(0),
      );
    });
  }
  const url = await miniflare.ready;
  tell({ kind: 'progress', text: 'bringing the database up to date' });
  const database = await miniflare.getD1Database('DB');
  await migrate(database);
  tell({ kind: 'ready', url: url.origin, firstAccount: await firstAccount(database, config, url.origin) });
  watch(config, url.origin);
  runSchedule(await miniflare.getWorker());
}

/** What the triggers of wrangler.toml do for a deployment. */
function runSchedule(worker: { scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown> }): void {
  let minutes = 0;
  setInterval(() => {
    const cron = minutes % 60 === 7 ? EVERY_HOUR : EVERY_MINUTE;
    minutes += 1;
    worker.scheduled({ cron, scheduledTime: new Date() }).catch((error: Error) => {
      process.stderr.write(`what is due by the clock was not done: ${error.message}\n`);
    });
  }, MINUTE_MS);
}

async function firstAccount(database: MigratedDatabase, config: EdgeConfig, origin: string): Promise<string | null> {
  const { results } = await database.prepare('SELECT id FROM users LIMIT 1').all();
  if (results.length > 0) return null;
  const token = firstAccountToken({ DEPLOYMENT_KEY: config.secrets.deploymentKey });
  // By name: browsers keep passkeys for names only.
  const shown = (config.consoleUrl || origin).replace('//127.0.0.1:', '//localhost:');
  return `${shown}/sign-up?first=${token}`;
}

/** A runtime that lives and does not answer is no better than a dead one. */
function watch(config: EdgeConfig, origin: string): void {
  let failures = 0;
  const headers = { Authorization: `Bearer ${config.secrets.relayToken}` };
  setInterval(async () => {
    try {
      const response = await fetch(`${origin}/relay/settings`, {
        headers,
        signal: AbortSignal.timeout(HEALTH.patienceMs),
      });
      await response.arrayBuffer();
      failures = response.ok ? 0 : failures + 1;
    } catch {
      failures += 1;
    }
    if (failures < HEALTH.tries) return;
    process.stderr.write('the edge does not answer any more\n');
    process.exit(RUNTIME_LOST);
  }, HEALTH.everyMs);
}

function sentence(error: Error & { code?: string }, config: EdgeConfig): string {
  if (error.code === 'ERR_ADDRESS_IN_USE') {
    return `TCP port ${config.port} on ${config.host} is taken by another program: give the edge another with --edge-port.`;
  }
  return `The edge does not start: ${error.message}`;
}

function fail(message: string): void {
  tell({ kind: 'failed', message }, () => process.exit(CANNOT_START));
}

function tell(message: EdgeMessage, then: () => void = () => {}): void {
  if (process.send) process.send(message, undefined, undefined, then);
  else then();
}
