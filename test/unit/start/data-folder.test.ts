import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DataFolder, openDataFolder } from '../../../scripts/start/data-folder.ts';

let data: string;
let open: DataFolder[] = [];

beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'culvert-')), 'data');
});

afterEach(() => {
  for (const folder of open) folder.release();
  open = [];
  rmSync(join(data, '..'), { recursive: true });
});

function opened(more: { gatewayName?: string; publicAddress?: string } = {}): DataFolder {
  const result = openDataFolder({ data, gatewayName: null, publicAddress: null, ...more });
  if (!result.ok) throw new Error(result.message);
  open.push(result.folder);
  return result.folder;
}

describe('the data folder', () => {
  it('is made with secrets that only their owner may read', () => {
    const { secrets, fresh } = opened();
    expect(fresh).toBe(true);
    expect(Buffer.from(secrets.deploymentKey, 'base64')).toHaveLength(32);
    expect(new Set(Object.values(secrets)).size).toBe(3);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const name of ['deployment-key', 'relay-token', 'operator-token']) {
      expect(statSync(join(data, name)).mode & 0o777, name).toBe(0o600);
    }
    expect(readFileSync(join(data, 'operator-token'), 'utf8').trim()).toBe(secrets.operatorToken);
  });

  it('keeps secrets and settings for the next start', () => {
    const first = opened({ gatewayName: 'vpn.example.com', publicAddress: '192.0.2.1' });
    first.release();
    const second = opened();
    expect(second.fresh).toBe(false);
    expect(second.secrets).toEqual(first.secrets);
    expect(second.settings).toEqual({ gatewayName: 'vpn.example.com', publicAddress: '192.0.2.1' });
    second.release();
    expect(opened({ publicAddress: '192.0.2.2' }).settings).toEqual({
      gatewayName: 'vpn.example.com',
      publicAddress: '192.0.2.2',
    });
  });

  it('takes the public name for the name of the gateway', () => {
    expect(opened({ publicAddress: 'vpn.example.com' }).settings.gatewayName).toBe('vpn.example.com');
  });

  it('is one process at a time, and says who has it', () => {
    opened();
    const result = openDataFolder({ data, gatewayName: null, publicAddress: null });
    expect(result).toMatchObject({ ok: false });
    expect(!result.ok && result.message).toContain(`process ${process.pid}`);
    expect(!result.ok && result.message).toContain('--data');
    open.pop()?.release();
    expect(existsSync(join(data, 'lock'))).toBe(false);
    opened();
  });

  it('is not locked by a process that is gone, or whose number another has now', () => {
    opened().release();
    const { pid } = spawnSync(process.execPath, ['--eval', '']);
    writeFileSync(join(data, 'lock'), JSON.stringify({ pid, born: '1' }));
    opened().release();
    writeFileSync(join(data, 'lock'), JSON.stringify({ pid: process.pid, born: 'another' }));
    opened().release();
    writeFileSync(join(data, 'lock'), 'nonsense');
    opened();
  });

  it('that cannot be used is refused with a sentence', () => {
    opened().release();
    writeFileSync(join(data, 'deployment-key'), '');
    const result = openDataFolder({ data, gatewayName: null, publicAddress: null });
    expect(!result.ok && result.message).toContain('deployment-key is empty');
    expect(existsSync(join(data, 'lock'))).toBe(false);
    const file = join(data, 'settings.json');
    const below = openDataFolder({ data: join(file, 'below'), gatewayName: null, publicAddress: null });
    expect(!below.ok && below.message).toContain('--data');
  });
});
