// culvert profile: what a device or a site takes to connect, as a folder.

import { resolve } from 'node:path';
import type { ProfileView } from '../../worker/api/json.ts';
import { type Call, type Command, text } from './command.ts';
import { segment } from './edge.ts';
import { usage } from './failure.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';
import { checkTarget, writeFolder } from './write-folder.ts';

export const profile: Command = {
  words: 'profile',
  summary: 'Write what a device or a site takes to connect',
  synopsis: 'NAME --format swanctl --out DIR [--network N] [--start|--no-start] [--force]',
  help: [
    ['--format swanctl', 'for strongSwan: a folder for its SWANCTL_DIR'],
    ['--out DIR', 'the folder to write'],
    NETWORK_HELP,
    ['--start', 'connect as soon as it is loaded (usual for sites)'],
    ['--no-start', 'connect when told (usual for devices)'],
    ['--force', 'replace the folder when there is something in it'],
  ],
  options: {
    ...NETWORK_OPTION,
    format: { type: 'string' },
    out: { type: 'string' },
    start: { type: 'boolean' },
    'no-start': { type: 'boolean' },
    force: { type: 'boolean' },
  },
  takes: ['NAME'],
  run: writeProfile,
};

async function writeProfile(call: Call): Promise<void> {
  const { edge, names, values, json, say } = call;
  const name = names[0]!;
  const format = text(values.format);
  const out = text(values.out);
  if (!format) throw usage('culvert profile: give the format with --format swanctl.');
  if (!out) throw usage(`culvert profile: give the folder to write with --out, such as --out ${name}.`);
  const force = values.force === true;
  await checkTarget(out, force);
  const network = await networkFor(call);
  const query = new URLSearchParams({ format, ...startIn(call) });
  const path = `${networkPath(network)}/members/${segment(name)}/profile?${query}`;
  const content = await edge.get<ProfileView>(path);
  await writeFolder(out, content, force);
  const files = content.files.map((file) => file.path);
  const folder = resolve(out);
  if (json) return say(JSON.stringify({ folder, files }));
  say(`Profile of ${name} written to ${folder}: ${files.join(', ')}.`);
  say('It holds what proves the member: move it to its machine by a safe way, and keep no other copy.');
  say(`\nThere: SWANCTL_DIR=${out} swanctl --load-all`);
}

function startIn({ values }: Call): { start?: 'yes' | 'no' } {
  if (values.start === true && values['no-start'] === true)
    throw usage('culvert profile: give --start or --no-start, not both.');
  if (values.start === true) return { start: 'yes' };
  return values['no-start'] === true ? { start: 'no' } : {};
}
