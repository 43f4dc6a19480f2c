import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../../scripts/start/data-folder.ts';
import { restartDelay, Supervisor } from '../../../scripts/start/supervisor.ts';

let folder: string;
let supervisors: Supervisor[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'culvert-'));
});

afterEach(async () => {
  await Promise.all(supervisors.map((each) => each.stop(0)));
  supervisors = [];
  rmSync(folder, { recursive: true });
});

function supervise(program: string) {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const lines: string[] = [];
  const ends: string[] = [];
  const messages: unknown[] = [];
  const supervisor = new Supervisor({
    spec: { name: 'test', file, args: [], preload: [], env: process.env },
    greeting: { hello: 'child' },
    line: (text) => lines.push(text),
    message: (message) => messages.push(message),
    ended: (how, delayMs) => ends.push(`${how}, ${delayMs}`),
  });
  supervisors.push(supervisor);
  supervisor.start();
  return { supervisor, lines, ends, messages };
}

async function eventually(so: () => boolean): Promise<void> {
  while (!so()) await wait(10);
}

/** A child that starts another one and waits. */
const PARENT = `
  import { spawn } from 'node:child_process';
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  console.log(process.pid, child.pid);
  setInterval(() => {}, 1000);
`;

describe('the supervisor', () => {
  it('waits longer and longer, and not at all the first time', () => {
    expect([0, 1, 2, 3, 4, 7, 50].map(restartDelay)).toEqual([0, 500, 1_000, 2_000, 4_000, 30_000, 30_000]);
  });

  it('starts a child again at once when it was killed, and leaves nothing of what it had started', async () => {
    const { lines, ends } = supervise(PARENT);
    await eventually(() => lines.length === 1);
    const [parent, child] = lines[0]!.split(' ').map(Number);
    process.kill(parent!, 'SIGKILL');
    await eventually(() => lines.length === 2);
    expect(ends).toEqual(['was killed by SIGKILL, 0']);
    await eventually(() => !isAlive(child!) || stateOf(child!) === 'Z');
  });

  it('gives a child up only so long to end', async () => {
    const { supervisor, lines, ends } = supervise(
      `process.on('SIGTERM', () => {}); ${PARENT.replaceAll('import {', 'const {').replace("} from 'node:child_process'", "} = await import('node:child_process')")}`,
    );
    await eventually(() => lines.length === 1);
    const pids = lines[0]!.split(' ').map(Number);
    await supervisor.stop(100);
    for (const pid of pids) await eventually(() => !isAlive(pid) || stateOf(pid) === 'Z');
    expect(ends).toEqual([]);
  });

  it('greets each child and hears what it says', async () => {
    const { messages, ends } = supervise(
      "process.once('message', (m) => process.send({ heard: m }, () => process.exit(7)))",
    );
    await eventually(() => messages.length === 2);
    expect(messages).toEqual([{ heard: { hello: 'child' } }, { heard: { hello: 'child' } }]);
    expect(ends[0]).toBe('ended with code 7, 0');
  });
});

function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return 'Z';
  }
}
