// culvert explain: why a device or site does not connect, or not well.

import type { ExplanationView } from '../../worker/api/json.ts';
import type { Call, Command } from './command.ts';
import { segment } from './edge.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';

export const explain: Command = {
  words: 'explain',
  summary: 'Say why a device or site does not connect, and what to do',
  synopsis: 'NAME [--network N]',
  help: [NETWORK_HELP],
  options: NETWORK_OPTION,
  takes: ['NAME'],
  run: showFindings,
};

async function showFindings(call: Call): Promise<void> {
  const path = `${networkPath(await networkFor(call))}/members/${segment(call.names[0]!)}/explain`;
  const answer = await call.edge.get<ExplanationView>(path);
  call.say(call.json ? JSON.stringify(answer) : answer.report.trimEnd());
}
