// culvert rekey, culvert disconnect: commands to one connection.

import type { Call, Command } from './command.ts';
import { segment } from './edge.ts';
import { NETWORK_HELP, NETWORK_OPTION } from './member.ts';
import { networkFor, networkPath } from './network.ts';

export const rekey: Command = {
  words: 'rekey',
  summary: 'Replace the keys of a connection',
  synopsis: 'NAME [--ike] [--network N]',
  help: [['--ike', 'those of IKE instead of those of ESP'], NETWORK_HELP],
  options: { ...NETWORK_OPTION, ike: { type: 'boolean' } },
  takes: ['NAME'],
  run: (call) => {
    const isIke = call.values.ike === true;
    return order(call, isIke ? 'rekey-ike' : 'rekey-child', `is asked to replace its ${isIke ? 'IKE' : 'ESP'} keys`);
  },
};

export const disconnect: Command = {
  words: 'disconnect',
  summary: 'End a connection; the member may connect again',
  synopsis: 'NAME [--network N]',
  help: [NETWORK_HELP],
  options: NETWORK_OPTION,
  takes: ['NAME'],
  run: (call) =>
    order(call, 'disconnect', "is disconnected; 'culvert device revoke' or 'culvert site revoke' keeps it out"),
};

async function order(call: Call, command: string, done: string): Promise<void> {
  const network = await networkFor(call);
  const name = call.names[0]!;
  const answer = await call.edge.post<object>(`${networkPath(network)}/members/${segment(name)}/${command}`);
  call.say(call.json ? JSON.stringify(answer) : `${name} of ${network} ${done}.`);
}
