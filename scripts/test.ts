// npm test: every suite in order, cheap ones first. Names select suites: npm test -- lint unit

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROJECTS = ['src', 'worker', 'worker/console/islands', 'relay', 'scripts', 'test', 'test/object', 'test/console'];
const OBJECT_CONFIG = 'test/object/vitest.config.ts';
const CONSOLE_CONFIG = 'test/console/vitest.config.ts';
const CHROMIUM = '/usr/bin/chromium';
const LAB = 'test/lab/main.ts';
/** Says on file descriptor 3 what failed. */
const REPORTERS = ['--reporter=default', '--reporter=./test/failures.ts'];

/** With it the laboratory must run, and all of it: where it cannot, the run fails. */
const LAB_REQUIRED = process.env.CULVERT_LAB === 'required';

interface Suite {
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
  /** Why it cannot run and how to enable it, in one line; null when it can. */
  readonly obstacle: () => Promise<string | null>;
  readonly required: boolean;
}

const SUITES: readonly Suite[] = [
  suite('format', ['biome', 'format', '--config-path=scripts', '.']),
  suite('lint', ['biome', 'lint', '--config-path=scripts', '.']),
  suite(
    'types',
    ...PROJECTS.filter((project) => existsSync(`${ROOT}/${project}/tsconfig.json`)).map((project) => [
      'tsc',
      '-p',
      project,
    ]),
  ),
  suite('unit, exchange, property, sim', vitest('test/vitest.config.ts')),
  {
    ...suite('object', vitest(OBJECT_CONFIG)),
    obstacle: async () => (existsSync(`${ROOT}/${OBJECT_CONFIG}`) ? null : `there is no ${OBJECT_CONFIG}.`),
  },
  {
    ...suite('console', vitest(CONSOLE_CONFIG)),
    obstacle: async () =>
      existsSync(CHROMIUM) ? null : `there is no ${CHROMIUM}: sudo npm run setup:lab installs it.`,
    required: LAB_REQUIRED,
  },
  {
    ...suite('lab', LAB_REQUIRED ? ['tsx', LAB] : ['tsx', LAB, '--core']),
    obstacle: labObstacle,
    required: LAB_REQUIRED,
  },
];

function suite(name: string, ...commands: readonly (readonly string[])[]): Suite {
  return { name, commands, obstacle: async () => null, required: false };
}

function vitest(config: string): readonly string[] {
  return ['vitest', 'run', '--config', config, ...REPORTERS];
}

async function main(wanted: readonly string[]): Promise<number> {
  const suites = SUITES.filter(
    ({ name }) => wanted.length === 0 || wanted.some((word) => name.split(', ').includes(word)),
  );
  if (suites.length === 0)
    return fail(`no suite is called ${wanted.join(' or ')}: ${SUITES.map(({ name }) => name).join(', ')}`);
  const verdicts: string[] = [];
  let failed = 0;
  for (const { name, commands, obstacle: why, required } of suites) {
    const reason = await why();
    if (reason !== null) {
      if (required) failed++;
      verdicts.push(`${required ? 'FAIL' : 'skip'}  ${name}: ${reason}`);
      continue;
    }
    say(`\n== ${name}`);
    const started = performance.now();
    const failures = await all(commands);
    if (failures !== null) failed++;
    verdicts.push(
      `${failures === null ? 'pass' : 'FAIL'}  ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
      ...(failures ?? []).map((failure) => `      ${failure}`),
    );
  }
  const passed = verdicts.filter((verdict) => verdict.startsWith('pass')).length;
  say(`\n${verdicts.join('\n')}\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** What the laboratory itself says of this machine. */
async function labObstacle(): Promise<string | null> {
  const child = spawn(`${ROOT}/node_modules/.bin/tsx`, [LAB, '--check'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve).on('error', () => resolve(null)));
  return status === 0 ? null : said.trim().replace(/^lab: /, '');
}

/**
 * Runs every command of a suite, also after one that failed: the reader wants to see all that is wrong.
 * @returns null when all passed, else what failed, where the suite names it.
 */
async function all(commands: readonly (readonly string[])[]): Promise<readonly string[] | null> {
  const failures: string[] = [];
  let passed = true;
  for (const command of commands) {
    const told: string[] = [];
    passed = (await run(command, told)) && passed;
    failures.push(...told);
  }
  return passed ? null : failures;
}

/** @param told lines from file descriptor 3. */
function run([program, ...args]: readonly string[], told: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(`${ROOT}/node_modules/.bin/${program}`, args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    const forward = (signal: NodeJS.Signals): boolean => child.kill(signal);
    process.once('SIGTERM', forward);
    let text = '';
    child.stdio[3]?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', (error) => {
      fail(error.message);
      resolve(false);
    });
    child.on('close', (status) => {
      process.removeListener('SIGTERM', forward);
      told.push(...text.split('\n').filter((line) => line !== ''));
      resolve(status === 0);
    });
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(sentence: string): number {
  process.stderr.write(`test: ${sentence}\n`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
