// What the machine must have before a laboratory can be built, each lack in one sentence.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { attempt } from './command.ts';

const TOOLS = ['ip', 'nft', 'sysctl', 'conntrack', 'ping', 'tcpdump', 'perl', 'pki', 'swanctl', 'charon-systemd'];

const PLACES = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** A root that came by `su` has no system folders on its path, and the programs that look for each other there do not ask us. */
export function withSystemFolders(path = ''): string {
  return [...new Set([...path.split(delimiter), ...PLACES])].join(delimiter);
}

export interface Machine {
  readonly platform: string;
  /** Null where there are none. */
  readonly user: number | null;
  /** Folders of programs. */
  readonly folders: readonly string[];
  readonly tun: string;
}

function thisMachine(): Machine {
  return {
    platform: process.platform,
    user: process.getuid?.() ?? null,
    folders: withSystemFolders(process.env.PATH).split(delimiter),
    tun: '/dev/net/tun',
  };
}

/** One sentence on what is missing, and how to get it; null when everything is there. */
export async function obstacle(machine: Machine = thisMachine()): Promise<string | null> {
  const { platform, user, folders, tun } = machine;
  if (platform !== 'linux') return 'the laboratory needs Linux (network namespaces).';
  if (user !== 0) return 'the laboratory needs root for network namespaces; run it with sudo.';
  const missing = TOOLS.filter((tool) => !found(tool, folders));
  if (missing.length > 0) return `${missing.join(', ')} not found; run: npm run setup:lab`;
  const probe = await attempt(['ip', 'netns', 'list']);
  if (probe.status !== 0) return `network namespaces do not work here: ${probe.stderr.trim()}`;
  try {
    accessSync(tun, constants.R_OK | constants.W_OK);
  } catch {
    return `${tun} is missing; the clients need TUN devices.`;
  }
  return null;
}

/** One sentence on what an aborted run left behind; null when there is nothing. */
export function remains(left: readonly string[]): string | null {
  if (left.length === 0) return null;
  return `an aborted run left ${left.length} ${left.length > 1 ? 'namespaces' : 'namespace'} behind (${left[0]}${left.length > 1 ? ', ...' : ''}); remove them with: npm run lab -- --clean`;
}

function found(tool: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
