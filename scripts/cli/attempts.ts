// culvert attempts: what the last handshakes came to, and why.

import type { AttemptView } from '../../worker/api/json.ts';
import { type Call, type Command, text } from './command.ts';
import { NETWORK_OPTION } from './member.ts';
import { moment, table } from './table.ts';

export const attempts: Command = {
  words: 'attempts',
  summary: 'Show the last handshakes, and why those failed that failed',
  synopsis: '[--network N]',
  help: [['--network N', 'of this network only; without it those of strangers too']],
  options: NETWORK_OPTION,
  takes: [],
  run: showAttempts,
};

async function showAttempts({ edge, values, json, say }: Call): Promise<void> {
  const network = text(values.network);
  const query = network === undefined ? '' : `?${new URLSearchParams({ network })}`;
  const answer = await edge.get<{ attempts: AttemptView[] }>(`/attempts${query}`);
  if (json) return say(JSON.stringify(answer));
  if (answer.attempts.length === 0)
    return say('Nobody has tried to connect: if somebody should have, UDP 500 and 4500 may not reach the relay.');
  const rows = answer.attempts.map((attempt) => [
    ...[moment(attempt.at), attempt.outcome, attempt.reason ?? '-', attempt.identity || '-', attempt.member ?? '-'],
    ...[attempt.network ?? '-', attempt.path, attempt.detail],
  ]);
  say(table(['TIME (UTC)', 'OUTCOME', 'REASON', 'IDENTITY', 'MEMBER', 'NETWORK', 'FROM', 'DETAIL'], rows));
}
