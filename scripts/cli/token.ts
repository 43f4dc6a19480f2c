// culvert token add | list | revoke: what programs show at the door of the API.

import { type Call, type Command, texts, wholeNumber } from './command.ts';
import { segment } from './edge.ts';
import { Exit, Failure, usage } from './failure.ts';
import { ago, day, table } from './table.ts';

interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

export const tokenAdd: Command = {
  words: 'token add',
  summary: 'Make a token for a program',
  synopsis: 'NAME --scope SCOPE [--scope SCOPE]... [--days D]',
  help: [
    ['--scope SCOPE', 'what it opens, such as status:read or members:write; repeatable'],
    ['--days D', 'how long it works, at most 366 (default 90)'],
  ],
  options: { scope: { type: 'string', multiple: true }, days: { type: 'string' } },
  takes: ['NAME'],
  run: add,
};

export const tokenList: Command = {
  words: 'token list',
  summary: 'List the tokens',
  synopsis: '',
  help: [],
  options: {},
  takes: [],
  run: list,
};

export const tokenRevoke: Command = {
  words: 'token revoke',
  summary: 'Take a token out of force, at once',
  synopsis: 'NAME',
  help: [],
  options: {},
  takes: ['NAME'],
  run: revoke,
};

async function add({ edge, names, values, json, say }: Call): Promise<void> {
  const scopes = texts(values.scope);
  if (scopes.length === 0)
    throw usage('culvert token add: give what it opens with --scope, such as --scope status:read.');
  const days = wholeNumber(values, 'days');
  const body = { name: names[0]!, scopes, ...(days === undefined ? {} : { days }) };
  const { token } = await edge.post<{ token: TokenView & { secret: string } }>('/tokens', body);
  if (json) return say(JSON.stringify({ token }));
  say(token.secret);
  say(`Shown this once. It opens ${token.scopes.join(', ')} until ${day(token.expiresAt)}; set it as CULVERT_TOKEN.`);
}

async function list({ edge, json, say }: Call): Promise<void> {
  const { tokens } = await edge.get<{ tokens: TokenView[] }>('/tokens');
  if (json) return say(JSON.stringify({ tokens }));
  if (tokens.length === 0) return say("There is no token yet: make one with 'culvert token add NAME --scope SCOPE'.");
  const now = Date.now();
  const rows = tokens.map(({ name, scopes, createdBy, expiresAt, lastUsedAt }) => {
    return [name, scopes.join(' '), createdBy, day(expiresAt), ago(lastUsedAt ?? 0, now)];
  });
  say(table(['NAME', 'SCOPES', 'BY', 'ENDS', 'USED'], rows));
}

async function revoke({ edge, names, json, say }: Call): Promise<void> {
  const { tokens } = await edge.get<{ tokens: TokenView[] }>('/tokens');
  const found = tokens.find(({ name }) => name === names[0]);
  if (!found) {
    const message = `There is no token '${names[0]}': 'culvert token list' shows those there are.`;
    throw new Failure(Exit.REFUSED, 'unknown-token', message);
  }
  const answer = await edge.delete<{ revoked: string }>(`/tokens/${segment(found.id)}`);
  say(json ? JSON.stringify(answer) : `The token ${found.name} works no more.`);
}
