// npm run sim: random worlds by the thousand, each from its seed. `npm run sim -- --worlds 5000 --seconds 600 --seed 1 --jobs 2`

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { playWorld } from './world/chaos.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT = '.culvert/sim';
const USAGE = `npm run sim -- [--worlds 2000] [--seconds 900] [--seed 1] [--jobs ${availableParallelism()}]`;
const TOLD_EVERY_MS = 10_000;

interface Wish {
  readonly worlds: number;
  readonly seconds: number;
  /** The first one; the others follow it. */
  readonly seed: number;
  /** Processes side by side; each world is played in one thread. */
  readonly jobs: number;
}

async function main(args: readonly string[]): Promise<number> {
  const wish = read(args);
  if (typeof wish === 'string') {
    process.stderr.write(`sim: ${wish}\n${USAGE}\n`);
    return 2;
  }
  return wish.jobs === 1 ? play(wish) : share(wish);
}

/** @returns what is wrong with the arguments, in a sentence. */
function read(args: readonly string[]): Wish | string {
  try {
    const option = { type: 'string' } as const;
    const options = { worlds: option, seconds: option, seed: option, jobs: option };
    const { values } = parseArgs({ args: [...args], options, strict: true });
    const wish = { worlds: 2000, seconds: 900, seed: 1, jobs: availableParallelism() };
    for (const name of ['worlds', 'seconds', 'seed', 'jobs'] as const) {
      const given = values[name];
      if (given === undefined) continue;
      if (!/^[1-9]\d{0,8}$/.test(given)) return `--${name} takes a whole number of 1 and above, not "${given}".`;
      wish[name] = Number(given);
    }
    return { ...wish, jobs: Math.min(wish.jobs, wish.worlds) };
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
}

/** Goes on after a world that failed: the next ones may fail otherwise. */
async function play({ worlds, seconds, seed }: Wish): Promise<number> {
  const begun = performance.now();
  const failed: number[] = [];
  const sum = { worlds: 0, delivered: 0, nonces: 0, moves: 0, handshakes: 0 };
  let told = begun;
  for (let each = seed; each < seed + worlds && performance.now() - begun < seconds * 1000; each++) {
    try {
      const { delivered, nonces, moves, handshakes } = await playWorld(each);
      sum.delivered += delivered;
      sum.nonces += nonces;
      sum.moves += moves;
      sum.handshakes += handshakes;
    } catch (error) {
      failed.push(each);
      keep(each, error as Error);
    }
    sum.worlds++;
    if (performance.now() - told < TOLD_EVERY_MS) continue;
    told = performance.now();
    say(`${sum.worlds} of ${worlds} worlds, seed ${each}, ${failed.length} failed`);
  }
  const took = ((performance.now() - begun) / 1000).toFixed(0);
  const seen = `${sum.delivered} packets delivered, ${sum.handshakes} handshakes, ${sum.moves} moves, ${sum.nonces} nonces`;
  say(`${sum.worlds} of ${worlds} worlds from seed ${seed} in ${took} s, ${failed.length} failed: ${seen}`);
  return failed.length === 0 && sum.worlds > 0 ? 0 : 1;
}

/** What is needed to play it again. */
function keep(seed: number, error: Error): void {
  const directory = `${ROOT}/${KEPT}`;
  mkdirSync(directory, { recursive: true });
  const again = `npm run sim -- --worlds 1 --seed ${seed}`;
  writeFileSync(`${directory}/seed-${seed}.txt`, `${again}\n\n${error.stack ?? error.message}\n`);
  say(`FAIL seed ${seed}: ${error.message.split('\n')[0]}\n     kept in ${KEPT}/seed-${seed}.txt; again: ${again}`);
}

/** Each process takes worlds that lie side by side. */
async function share({ worlds, seconds, seed, jobs }: Wish): Promise<number> {
  const codes = Array.from({ length: jobs }, (_, job) => {
    const [first, next] = [Math.floor((worlds * job) / jobs), Math.floor((worlds * (job + 1)) / jobs)];
    return run({ worlds: next - first, seconds, seed: seed + first, jobs: 1 });
  });
  return Math.max(...(await Promise.all(codes)));
}

function run(wish: Wish): Promise<number> {
  const args = Object.entries(wish).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const forward = (signal: NodeJS.Signals): boolean => child.kill(signal);
  process.once('SIGTERM', forward);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`sim: ${error.message}\n`);
      resolve(2);
    });
    child.on('exit', (code) => resolve(code ?? 2));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
