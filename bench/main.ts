// npm run bench: Culvert under load, side by side with strongSwan where that can be had.

import { rmSync } from 'node:fs';
import { obstacle, withSystemFolders } from '../test/lab/requirements.ts';
import { Network, RUN_FOLDER, removeLeftovers } from '../test/lab/namespace.ts';
import { CryptoAlone } from './crypto-alone.ts';
import { CulvertGateway } from './culvert-gateway.ts';
import { describeMachine, lineOf } from './machine.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { type Contenders, measureGrowth, measureSideBySide, rounds, type Tell } from './plan.ts';
import { record } from './record.ts';
import { reportOf, type Result } from './report.ts';
import { Site } from './site.ts';
import { buildStage, loopbackStage } from './stage.ts';
import { StrongSwanGateway } from './strongswan-gateway.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

/** What has been started, the youngest last. */
const started: (() => Promise<unknown>)[] = [];

await main();

async function main(): Promise<void> {
  process.env.PATH = withSystemFolders(process.env.PATH);
  const parsed = parseOptions(process.argv.slice(2));
  if (parsed.kind === 'help') return void process.stdout.write(HELP);
  if (parsed.kind === 'wrong') return complain(parsed.message, WRONG_USAGE);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(INTERRUPTED)));
  const { options } = parsed;
  try {
    const result = await bench(options, (text) => process.stderr.write(`${text}\n`));
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : reportOf(result));
    if (options.json) process.stderr.write(reportOf(result));
    if (options.record) record(result);
  } catch (error) {
    complain((error as Error).message, FAILED);
  } finally {
    await stop();
  }
  process.exit();
}

async function bench(options: Options, tell: Tell): Promise<Result> {
  if (process.platform !== 'linux') throw new Error('the bench reads /proc: it needs Linux');
  const machine = await describeMachine();
  tell(lineOf(machine));
  const lack = await obstacle();
  const alone = options.strongswan ? lack : 'left out by --no-strongswan';
  const more = rounds(options, () => performance.now());
  const contenders = await start(lack === null, alone === null, tell);
  const sideBySide = await measureSideBySide(contenders, options, more, tell);
  const growing = Math.max(...options.peers) > 2;
  const growth = growing ? await measureGrowth(contenders, options, more, tell) : null;
  return { takenAt: new Date().toISOString(), machine, options, alone, sideBySide, growth };
}

async function start(namespaces: boolean, both: boolean, tell: Tell): Promise<Contenders> {
  started.push(async () => rmSync(RUN_FOLDER, { recursive: true, force: true }));
  const network = namespaces ? new Network(RUN_FOLDER) : null;
  if (network) {
    await removeLeftovers();
    started.push(() => network.remove());
  }
  tell('starting Culvert');
  const stage = network ? await buildStage(network, 'culvert', '203.0.113') : loopbackStage(RUN_FOLDER, 'culvert');
  const relay = new CulvertGateway(stage.gateway, stage.gatewayAddress);
  started.push(() => relay.stop());
  const culvert = await Site.open(stage, relay);
  started.push(() => culvert.close());
  tell('starting the cipher alone');
  const cipher = await CryptoAlone.start();
  started.push(() => cipher.stop());
  const strongswan = network && both ? await startStrongSwan(network, tell) : null;
  return { culvert, relay, strongswan, cipher };
}

async function startStrongSwan(network: Network, tell: Tell): Promise<Site> {
  tell('starting strongSwan');
  const stage = await buildStage(network, 'strongswan', '198.51.100');
  const gateway = new StrongSwanGateway(stage.gateway, stage.gatewayAddress);
  started.push(() => gateway.stop());
  const site = await Site.open(stage, gateway);
  started.push(() => site.close());
  return site;
}

async function stop(): Promise<void> {
  for (let end = started.pop(); end; end = started.pop()) await end().catch(() => {});
}

function complain(message: string, code: number): void {
  process.stderr.write(`bench: ${message}\n`);
  process.exitCode = code;
}
