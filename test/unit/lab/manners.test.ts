// What the runner says when it cannot run: one clear sentence each; and what it keeps of a scenario that failed.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { inLanes } from '../../lab/lanes.ts';
import { ofDeadRuns } from '../../lab/namespace.ts';
import { type Machine, obstacle, remains, withSystemFolders } from '../../lab/requirements.ts';
import { keep, scenarioNames } from '../../lab/runner.ts';

const MAIN = fileURLToPath(new URL('../../lab/main.ts', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function lab(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), MAIN, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'culvert-manners-'));
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

describe('the command line', () => {
  it.each([
    [['no-such-scenario'], "lab: there is no scenario 'no-such-scenario'; npm run lab -- --list names them all.\n"],
    [['--gateway', 'cisco'], "lab: --gateway is culvert or strongswan, not 'cisco'.\n"],
    [['--lanes', '0'], "lab: --lanes is a number from 1 to 8, not '0'.\n"],
  ])('%j is answered in one sentence', async (args, sentence) => {
    expect(await lab(...args)).toEqual({ status: 2, stdout: '', stderr: sentence });
  });

  it('an option that is none is named', async () => {
    const { status, stderr } = await lab('--kep');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^lab: Unknown option '--kep'/);
  });

  it('lists every scenario with what it shows', async () => {
    const { status, stdout } = await lab('--list');
    expect(status).toBe(0);
    const names = stdout.split('\n').filter((line) => /^[a-z]/.test(line));
    expect(names.map((line) => line.split(' ')[0])).toEqual(scenarioNames());
  });
});

describe('a machine', () => {
  const able: Machine = {
    platform: 'linux',
    user: 0,
    folders: ['/usr/bin', '/usr/sbin', '/bin', '/sbin'],
    tun: '/dev/null',
  };

  it.each([
    [{ platform: 'darwin' }, 'the laboratory needs Linux (network namespaces).'],
    [{ user: 1000 }, 'the laboratory needs root for network namespaces; run it with sudo.'],
    [{ user: null }, 'the laboratory needs root for network namespaces; run it with sudo.'],
  ])('%j is refused in one sentence', async (lack, sentence) => {
    expect(await obstacle({ ...able, ...lack })).toBe(sentence);
  });

  it('has the system folders on its path, each once, behind its own', () => {
    expect(withSystemFolders('/usr/bin:/sbin')).toBe('/usr/bin:/sbin:/usr/sbin:/usr/local/sbin');
  });

  it('without tools is told which, and how to get them', async () => {
    const some = folder();
    writeFileSync(join(some, 'ip'), '', { mode: 0o755 });
    writeFileSync(join(some, 'nft'), '', { mode: 0o644 });
    const sentence = await obstacle({ ...able, folders: [some] });
    expect(sentence).toMatch(/^nft, sysctl, .*charon-systemd not found; run: npm run setup:lab$/);
  });
});

describe('what an aborted run left', () => {
  const names = ['cv17-nat-a', 'cv17b-gateway', 'cv18a-gateway', 'cvs', 'cv-17-x', 'other', `cv${process.pid}-bob`];

  it('is known by the name and by the process that is gone', () => {
    expect(ofDeadRuns(names, (pid) => pid === 18)).toEqual(['cv17-nat-a', 'cv17b-gateway']);
    expect(ofDeadRuns(names, () => true)).toEqual([]);
  });

  it('is told in one sentence, with what removes it', () => {
    expect(remains([])).toBeNull();
    expect(remains(['cv17-nat-a'])).toBe(
      'an aborted run left 1 namespace behind (cv17-nat-a); remove them with: npm run lab -- --clean',
    );
    expect(remains(['cv17-nat-a', 'cv17-b'])).toContain('2 namespaces behind (cv17-nat-a, ...)');
  });
});

describe('of a scenario that failed', () => {
  it('captures and logs are kept, in place of those of its last failure; sockets are not', async () => {
    const [made, kept] = [folder(), folder()];
    mkdirSync(join(made, 'internet'));
    writeFileSync(join(made, 'internet', 'to-gateway.pcap0'), 'captured');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(made, 'charon.vici'), resolve));
    mkdirSync(join(kept, 'some-scenario'));
    writeFileSync(join(kept, 'some-scenario', 'old'), '');
    const copy = keep(made, 'some-scenario', kept);
    server.close();
    expect(readFileSync(join(copy, 'internet', 'to-gateway.pcap0'), 'utf8')).toBe('captured');
    expect(existsSync(join(copy, 'charon.vici'))).toBe(false);
    expect(existsSync(join(copy, 'old'))).toBe(false);
  });
});

describe('lanes', () => {
  it('do everything once, at most so much at a time, each piece alone in its lane', async () => {
    const [busy, done] = [new Set<string>(), [] as number[]];
    let most = 0;
    await inLanes(3, [30, 5, 20, 1, 10, 2], async (item, lane) => {
      expect(busy.has(lane)).toBe(false);
      busy.add(lane);
      most = Math.max(most, busy.size);
      await new Promise((resolve) => setTimeout(resolve, item));
      busy.delete(lane);
      done.push(item);
    });
    expect(most).toBe(3);
    expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 5, 10, 20, 30]);
  });
});
