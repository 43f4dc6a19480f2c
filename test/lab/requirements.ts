// What the machine must have before a laboratory can be built, each lack in one sentence.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { attempt } from './command.ts';
import { leftovers } from './namespace.ts';

const TOOLS = ['ip', 'nft', 'sysctl', 'conntrack', 'ping', 'tcpdump', 'perl', 'pki', 'swanctl', 'charon-systemd'];

const PLACES = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** One sentence on what is missing, and how to get it; null when everything is there. */
export async function obstacle(): Promise<string | null> {
  if (process.platform !== 'linux') return 'the laboratory needs Linux (network namespaces).';
  if (process.getuid?.() !== 0) return 'the laboratory needs root for network namespaces; run it with sudo.';
  const missing = TOOLS.filter((tool) => !found(tool));
  if (missing.length > 0) return `${missing.join(', ')} not found; run: npm run setup:lab`;
  const probe = await attempt(['ip', 'netns', 'list']);
  if (probe.status !== 0) return `network namespaces do not work here: ${probe.stderr.trim()}`;
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is missing; the clients need TUN devices.';
  }
  return null;
}

/** One sentence on what an aborted run left behind; null when there is nothing. */
export async function remains(): Promise<string | null> {
  const left = await leftovers();
  if (left.length === 0) return null;
  return `an aborted run left ${left.length} namespaces behind (${left[0]}, ...); remove them with: npm run lab -- --clean`;
}

function found(tool: string): boolean {
  return [...(process.env.PATH ?? '').split(delimiter), ...PLACES].some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
