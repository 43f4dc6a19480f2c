import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../scripts/start/data-folder.ts';

const START = fileURLToPath(new URL('../../../scripts/start.ts', import.meta.url));
let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'culvert-'));
});

afterEach(() => {
  rmSync(data, { recursive: true });
});

function start(...argv: string[]) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CULVERT_')));
  const ran = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), START, ...argv], {
    encoding: 'utf8',
    env,
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

describe('npm start', () => {
  it('says how it is used', () => {
    const { code, out } = start('--help');
    expect(code).toBe(0);
    expect(out).toContain('Usage: npm start');
  });

  it('refuses what it does not understand', () => {
    expect(start('--edge-port', 'x')).toEqual({
      code: 2,
      out: '',
      err: "culvert: --edge-port: 'x' is not a port (1 to 65535)\n",
    });
  });

  it('does not start when its port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, out, err } = start('--data', data, '--no-relay', '--edge-port', String(port));
    server.close();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `culvert: TCP port ${port} on 127.0.0.1 is taken by another program: give the edge another with --edge-port.\n`,
    );
  });

  it('does not start twice on one data folder', () => {
    const held = openDataFolder({ data, gatewayName: null, publicAddress: null });
    if (!held.ok) throw new Error(held.message);
    const { code, err } = start('--data', data, '--no-relay');
    held.folder.release();
    expect(code).toBe(1);
    expect(err).toContain(`Culvert runs already on ${data} (process ${process.pid})`);
  });
});
