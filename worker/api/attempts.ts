// Handshakes as the API shows them, with names in place of ids.

import { memberNames } from '../directory/members.ts';
import type { Env } from '../env.ts';
import type { AttemptView } from './json.ts';

/** @param network id of the network whose object keeps them; `name` as it is shown. */
export async function attemptsOf(
  env: Pick<Env, 'DB' | 'NETWORK'>,
  network: string,
  name: string | null,
): Promise<AttemptView[]> {
  const { attempts } = await env.NETWORK.getByName(network).attempts();
  const ended = attempts.flatMap(({ outcome, ...rest }) => (outcome === 'begun' ? [] : [{ ...rest, outcome }]));
  const names = await memberNames(
    env.DB,
    ended.flatMap(({ member }) => member ?? []),
  );
  return ended.map(({ at, path, outcome, reason, detail, identity, member }) => ({
    ...{ at, path, outcome, reason, detail, identity, network: name },
    member: member === null ? null : (names.get(member) ?? member),
  }));
}
