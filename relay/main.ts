#!/usr/bin/env node
// The relay's command line.

import { readFileSync } from 'node:fs';
import { Log } from './log.ts';
import { serveMetrics } from './metrics.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { createRelay, type Relay } from './relay.ts';
import { StartFailed } from './sockets.ts';

const WRONG_USAGE = 2;
const CANNOT_START = 1;

await main();

async function main(): Promise<void> {
  const parsed = parseOptions(process.argv.slice(2), process.env, (path) => readFileSync(path, 'utf8'));
  if (parsed.kind === 'help') process.stdout.write(HELP);
  else if (parsed.kind === 'wrong') fail(parsed.message, WRONG_USAGE);
  else await run(parsed.options);
}

async function run(options: Options): Promise<void> {
  const log = new Log(options.level, (line) => process.stderr.write(line));
  const relay = createRelay(options, {
    log,
    now: () => performance.now(),
    wallClock: Date.now,
    random: Math.random,
  });
  try {
    await relay.start();
  } catch (error) {
    if (!(error instanceof StartFailed)) throw error;
    return fail(error.message, CANNOT_START);
  }
  if (options.metrics !== null) await tellMetrics(options.metrics, relay, log);
  log.info(`relay ${options.id} serves ${options.edge}`);
  // For a parent that waits, at whatever level the log is.
  process.send?.({ kind: 'ready' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info(`${signal}: closes`);
      relay.stop();
      // The close frames leave in this time; nothing that lives long depends on them.
      setTimeout(() => process.exit(0), 200);
    });
  }
}

async function tellMetrics(at: { address: string; port: number }, relay: Relay, log: Log): Promise<void> {
  const { address, port } = at;
  try {
    log.info(`metrics at ${await serveMetrics(address, port, relay.metrics)}`);
  } catch (error) {
    fail(`--metrics: ${address} port ${port} cannot be had (${(error as NodeJS.ErrnoException).code})`, CANNOT_START);
  }
}

function fail(message: string, code: number): never {
  process.stderr.write(`culvert-relay: ${message}\n`);
  process.exit(code);
}
