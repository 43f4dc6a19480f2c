// What the screen says when everything runs: what listens where, and how the first device gets in.

import { hostname } from 'node:os';
import { isIP } from 'node:net';
import { relative } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import type { StartOptions } from './options.ts';

const WIDTH = 80;

export interface Ready {
  /** Its URL. */
  readonly edge: string;
  /** The link by which the first account is made; null when there are accounts. */
  readonly firstAccount: string | null;
}

export function welcome(
  options: StartOptions,
  folder: DataFolder,
  { edge, firstAccount }: Ready,
  addresses: readonly string[],
): string {
  const { gatewayName, publicAddress } = folder.settings;
  const dials = publicAddress === gatewayName ? '' : `, dialled at ${publicAddress}`;
  const lines = [
    '',
    'Culvert is ready.',
    '',
    ...row('gateway', `${gatewayName}${dials}`),
    ...row('edge', edge),
    ...(options.relay ? row('relay', relayText(options, addresses)) : row('relay', 'none here (--no-relay)')),
    ...(options.relay && options.metricsPort ? row('metrics', `http://127.0.0.1:${options.metricsPort}/metrics`) : []),
    ...row('data', `${shown(folder.path)}${folder.fresh ? ' (new: keep it safe, it holds all keys)' : ''}`),
    '',
    ...(firstAccount
      ? ['Make the first account of the console with this link; it works once:', '', firstAccount, '']
      : []),
    ...(folder.fresh ? firstDevice(options) : ['Networks, devices and who is connected: npx culvert --help']),
    '',
    'Ctrl-C stops it.',
  ];
  return lines.join('\n');
}

/** The same options for the command line tool, where they are not the usual ones. */
function firstDevice(options: StartOptions): string[] {
  const culvert = 'npx culvert';
  return [
    'The first network and its first device, in another terminal:',
    '',
    ...(options.data === '.culvert' ? [] : [`  export CULVERT_DATA=${options.data}`]),
    ...(options.edgePort === 8787 ? [] : [`  export CULVERT_EDGE=http://127.0.0.1:${options.edgePort}`]),
    `  ${culvert} network add home`,
    `  ${culvert} device add pc --network home`,
    `  ${culvert} profile pc --network home --format swanctl --out pc`,
    '',
    'The folder pc then holds what strongSwan needs: copy what is in it to',
    '/etc/swanctl on the device, and run there: swanctl --load-all --noprompt',
  ];
}

function relayText(options: StartOptions, addresses: readonly string[]): string {
  const open = addresses.map((each) => (isIP(each) === 6 ? `[${each}]` : each));
  return `UDP ${options.portIke} and ${options.portNatT} on ${open.join(', ')}`;
}

/** A label and a text that goes on below itself when it is long. */
function row(label: string, text: string): string[] {
  const lines: string[] = [];
  let line = `  ${label.padEnd(9)}`;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = ' '.repeat(11);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}

/** A name for the relay of this machine that the edge takes. */
export function relayName(): string {
  return (
    hostname()
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 64) || 'relay'
  );
}
