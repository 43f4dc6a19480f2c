// culvert first-account: the link by which the first account of the console is made.

import type { Call, Command } from './command.ts';

export const firstAccount: Command = {
  words: 'first-account',
  summary: 'Show the link that makes the first account of the console',
  synopsis: '',
  help: [],
  options: {},
  takes: [],
  run: showLink,
};

async function showLink({ edge, json, say }: Call): Promise<void> {
  const answer = await edge.get<{ link: string | null }>('/first-account');
  if (json) return say(JSON.stringify(answer));
  say(answer.link ?? 'There is an account already: sign in to the console, and invite others there.');
}
