// culvert link: a profile handed out by a link that works once, as text and as a QR code.

import { renderUnicodeCompact } from 'uqr';
import { FORMAT_NAMES } from '../../worker/profiles/format-names.ts';
import { type Call, type Command, text, wholeNumber } from './command.ts';
import { segment } from './edge.ts';
import { usage } from './failure.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';
import { moment } from './table.ts';

interface LinkView {
  readonly link: string;
  readonly expiresAt: number;
  readonly password: string | null;
}

export const link: Command = {
  words: 'link',
  summary: 'Hand out a profile by a link that works once',
  synopsis: 'DEVICE --format FORMAT [--hours H] [--network N]',
  help: [
    ...FORMAT_NAMES.map(({ id, systems }) => [`--format ${id}`, systems] as const),
    ['--hours H', 'how long it works when nobody follows it, at most 168 (default 24)'],
    NETWORK_HELP,
  ],
  options: { ...NETWORK_OPTION, format: { type: 'string' }, hours: { type: 'string' } },
  takes: ['DEVICE'],
  run: makeLink,
};

async function makeLink(call: Call): Promise<void> {
  const { edge, names, values, json, say, isScreen } = call;
  const format = text(values.format);
  if (!format) throw usage('culvert link: give the format with --format, such as --format apple.');
  const hours = wholeNumber(values, 'hours');
  const network = await networkFor(call);
  const path = `${networkPath(network)}/members/${segment(names[0]!)}/links`;
  const made = await edge.post<LinkView>(path, { format, ...(hours === undefined ? {} : { hours }) });
  if (json) return say(JSON.stringify(made));
  if (isScreen) say(renderUnicodeCompact(made.link, { border: 2 }));
  say(made.link);
  say(`It works once, until ${moment(made.expiresAt)} UTC: whoever follows it first has what proves ${names[0]}.`);
  if (made.password !== null) say(`Password of the certificate, shown this once: ${made.password}`);
}
