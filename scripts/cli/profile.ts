// culvert profile: what a device or a site takes to connect, as a folder.

import { resolve } from 'node:path';
import type { ProfileView } from '../../worker/api/json.ts';
import { FORMAT_NAMES } from '../../worker/profiles/format-names.ts';
import { type Call, type Command, text } from './command.ts';
import { segment } from './edge.ts';
import { usage } from './failure.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';
import { checkTarget, writeFolder } from './write-folder.ts';

export const profile: Command = {
  words: 'profile',
  summary: 'Write what a device or a site takes to connect',
  synopsis: 'NAME --format FORMAT --out DIR [--network N] [--start|--no-start] [--full-tunnel] [--on-demand] [--force]',
  help: [
    ...FORMAT_NAMES.map(({ id, systems }) => [`--format ${id}`, systems] as const),
    ['--out DIR', 'the folder to write'],
    NETWORK_HELP,
    ['--start', 'connect as soon as it is loaded (usual for sites)'],
    ['--no-start', 'connect when told (usual for devices)'],
    ['--full-tunnel', 'send everything through the tunnel'],
    ['--on-demand', 'connect whenever there is a network, where the system can'],
    ['--force', 'replace the folder when there is something in it'],
  ],
  options: {
    ...NETWORK_OPTION,
    format: { type: 'string' },
    out: { type: 'string' },
    start: { type: 'boolean' },
    'no-start': { type: 'boolean' },
    'full-tunnel': { type: 'boolean' },
    'on-demand': { type: 'boolean' },
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
  if (!format) throw usage('culvert profile: give the format with --format, such as --format swanctl.');
  if (!out) throw usage(`culvert profile: give the folder to write with --out, such as --out ${name}.`);
  const force = values.force === true;
  await checkTarget(out, force);
  const network = await networkFor(call);
  const query = new URLSearchParams({ format, ...startIn(call), ...choicesIn(call) });
  const path = `${networkPath(network)}/members/${segment(name)}/profile?${query}`;
  const content = await edge.get<ProfileView>(path);
  await writeFolder(out, content, force);
  const files = content.files.map((file) => file.path);
  const folder = resolve(out);
  const { steps, password } = content;
  if (json) return say(JSON.stringify({ folder, files, steps, password }));
  say(`Profile of ${name} written to ${folder}: ${files.join(', ')}.`);
  say('It holds what proves the member: move it to its machine by a safe way, and keep no other copy.');
  if (password !== null) say(`Password of the certificate, shown this once: ${password}`);
  say('\nThere:');
  for (const [i, step] of steps.entries()) say(`${String(i + 1).padStart(3)}. ${step}`);
}

function startIn({ values }: Call): { start?: 'yes' | 'no' } {
  if (values.start === true && values['no-start'] === true)
    throw usage('culvert profile: give --start or --no-start, not both.');
  if (values.start === true) return { start: 'yes' };
  return values['no-start'] === true ? { start: 'no' } : {};
}

function choicesIn({ values }: Call): { fullTunnel?: 'yes'; onDemand?: 'yes' } {
  return {
    ...(values['full-tunnel'] === true ? { fullTunnel: 'yes' } : {}),
    ...(values['on-demand'] === true ? { onDemand: 'yes' } : {}),
  };
}
