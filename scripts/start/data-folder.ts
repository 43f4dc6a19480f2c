// The data folder: its lock, the deployment's secrets and the settings of the first start. Secrets are files only their owner reads.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { isName, type StartOptions } from './options.ts';

export interface Secrets {
  readonly deploymentKey: string;
  readonly relayToken: string;
  readonly operatorToken: string;
}

/** What the first start decided, and a later one may change by an option. */
export interface Settings {
  readonly gatewayName: string;
  readonly publicAddress: string;
}

export interface DataFolder {
  readonly path: string;
  /** True when this start made the folder's secrets. */
  readonly fresh: boolean;
  readonly secrets: Secrets;
  readonly settings: Settings;
  release(): void;
}

export type Opened =
  | { readonly ok: true; readonly folder: DataFolder }
  | { readonly ok: false; readonly message: string };

/** Opens the folder for this process alone, and makes what is not there yet. */
export function openDataFolder(options: Pick<StartOptions, 'data' | 'gatewayName' | 'publicAddress'>): Opened {
  const path = resolve(options.data);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    return {
      ok: false,
      message: `The data folder ${path} cannot be made (${(error as Error).message}): give another with --data.`,
    };
  }
  const lock = join(path, 'lock');
  const holder = takeLock(lock);
  if (holder !== null) {
    return {
      ok: false,
      message: `Culvert runs already on ${path} (process ${holder}): stop that one first, or give another folder with --data.`,
    };
  }
  try {
    const fresh = !existsSync(join(path, SECRET_FILES.deploymentKey));
    const folder = { path, fresh, secrets: readSecrets(path), settings: readSettings(path, options) };
    return { ok: true, folder: { ...folder, release: () => rmSync(lock, { force: true }) } };
  } catch (error) {
    rmSync(lock, { force: true });
    return { ok: false, message: `The data folder ${path} cannot be read or written: ${(error as Error).message}` };
  }
}

const SECRET_FILES = {
  deploymentKey: 'deployment-key',
  relayToken: 'relay-token',
  operatorToken: 'operator-token',
} as const;

function readSecrets(path: string): Secrets {
  return {
    deploymentKey: secret(join(path, SECRET_FILES.deploymentKey), 'base64'),
    relayToken: secret(join(path, SECRET_FILES.relayToken), 'base64url'),
    operatorToken: secret(join(path, SECRET_FILES.operatorToken), 'base64url'),
  };
}

function secret(file: string, encoding: 'base64' | 'base64url'): string {
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8').trim();
    if (text === '') throw new Error(`${file} is empty`);
    chmodSync(file, 0o600);
    return text;
  }
  const text = randomBytes(32).toString(encoding);
  writeWhole(file, `${text}\n`);
  return text;
}

function readSettings(path: string, options: Pick<StartOptions, 'gatewayName' | 'publicAddress'>): Settings {
  const file = join(path, 'settings.json');
  const kept: Partial<Settings> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Settings>) : {};
  const publicAddress = options.publicAddress ?? kept.publicAddress ?? firstAddress();
  const gatewayName =
    options.gatewayName ?? kept.gatewayName ?? (isName(publicAddress) ? publicAddress : 'culvert.internal');
  const settings = { gatewayName, publicAddress };
  writeWhole(file, `${JSON.stringify(settings, null, 2)}\n`);
  return settings;
}

/** The first address of this machine that others can reach, IPv4 before IPv6. */
function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = all.filter((each) => !each.internal && !/^(fe80|169\.254\.)/i.test(each.address));
  const best = outside.find((each) => each.family === 'IPv4') ?? outside[0];
  return best?.address ?? '127.0.0.1';
}

/** Written beside its place and moved there: never half a file. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** @returns null when the lock is ours, else the process that holds it. */
function takeLock(lock: string): number | null {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, born: bornAt(process.pid) }));
  try {
    for (let tries = 0; tries < 3; tries++) {
      try {
        linkSync(mine, lock);
        return null;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = holderOf(lock) ?? bury(lock, `${mine}.old`);
      if (holder !== null) return holder;
    }
    return holderOf(lock) ?? 0;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Takes a dead process's lock away. @returns the holder when another start was faster and the lock that went was its own. */
function bury(lock: string, grave: string): number | null {
  try {
    renameSync(lock, grave);
  } catch {
    return null;
  }
  const holder = holderOf(grave);
  if (holder !== null) linkSync(grave, lock);
  rmSync(grave, { force: true });
  return holder;
}

/** @returns the living process that holds the lock, null when it is gone. */
function holderOf(lock: string): number | null {
  try {
    const { pid, born } = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number; born: string | null };
    if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
    // The number may have gone to another process since.
    return born === bornAt(pid) ? pid : null;
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The start time of a process, field 22 of proc_pid_stat(5); null where there is no such file. */
function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
