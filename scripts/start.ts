// npm start: a whole Culvert gateway on this machine.

import { fileURLToPath } from 'node:url';
import { buildConsole } from './build-console.ts';
import { bundleWorker } from './start/bundle.ts';
import { type DataFolder, openDataFolder } from './start/data-folder.ts';
import { Gateway } from './start/gateway.ts';
import { HELP, parseStart, type StartOptions } from './start/options.ts';
import { preflight } from './start/preflight.ts';
import { Screen } from './start/screen.ts';
import { welcome } from './start/welcome.ts';

const WORKER = fileURLToPath(new URL('../worker/entry.ts', import.meta.url));
const CANNOT_START = 1;
const WRONG_USAGE = 2;

await main();

async function main(): Promise<void> {
  const parsed = parseStart(process.argv.slice(2), process.env);
  if (parsed.kind === 'help') process.stdout.write(HELP);
  else if (parsed.kind === 'wrong') process.exitCode = complain(parsed.message, WRONG_USAGE);
  else process.exitCode = await start(parsed.options);
}

async function start(options: StartOptions): Promise<number> {
  const opened = openDataFolder(options);
  if (!opened.ok) return complain(opened.message, CANNOT_START);
  const { folder } = opened;
  try {
    const { addresses, problems, notices } = await preflight(options);
    if (problems.length > 0) return complain(problems.join('\n'), CANNOT_START);
    const screen = new Screen(terminal(), { json: options.jsonLog, level: options.logLevel });
    for (const notice of notices) screen.say(notice);
    screen.progress('bundling the Worker');
    await buildConsole();
    const script = await bundleWorker(WORKER);
    return await run({ options, folder, screen, addresses, script });
  } finally {
    folder.release();
  }
}

interface Prepared {
  readonly options: StartOptions;
  readonly folder: DataFolder;
  readonly screen: Screen;
  readonly addresses: readonly string[];
  readonly script: string;
}

/** @returns the exit code, when everything has stopped. */
function run({ options, folder, screen, addresses, script }: Prepared): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = async (code: number, text: string) => {
      if (stopping) return;
      stopping = true;
      screen.progress(text);
      await gateway.stop();
      screen.say('Culvert has stopped.');
      resolve(code);
    };
    const gateway = new Gateway(
      options,
      folder,
      script,
      screen,
      (edge, firstAccount) => screen.say(welcome(options, folder, { edge, firstAccount }, addresses)),
      (message) => {
        complain(message, CANNOT_START);
        void stop(CANNOT_START, 'stopping');
      },
    );
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopping) void gateway.kill();
        else void stop(0, 'stopping');
      });
    }
    gateway.start();
  });
}

function complain(message: string, code: number): number {
  process.stderr.write(`culvert: ${message}\n`);
  return code;
}

function terminal() {
  const { stdout } = process;
  return { isTTY: stdout.isTTY, write: (text: string) => void stdout.write(text) };
}
