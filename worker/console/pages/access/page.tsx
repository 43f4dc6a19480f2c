// Who may reach what, as sentences.

import type { GroupView, PolicyVersionView, PolicyView } from '../../../api/json.ts';
import { page } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import { Typed } from '../../form.ts';
import { Refused } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { type ConsoleContext, may } from '../../place.ts';
import { count } from '../../words.ts';
import { noNetwork } from '../devices.tsx';
import { Ask } from './ask.tsx';
import { Groups } from './groups.tsx';
import { History } from './history.tsx';
import { policyOf } from './policy.ts';
import { NewRule, subjects } from './new-rule.tsx';
import { Rules } from './rules.tsx';

export async function accessPage(c: ConsoleContext, form: Typed, groupForm = new Typed('group')): Promise<Response> {
  const { place } = c.var;
  const { network } = place;
  if (!network) return page(c, noNetwork(place));
  const base = `/networks/${part(network.name)}`;
  const policy = await policyOf(c, network);
  const groups = await callApi<{ groups: GroupView[] }>(c, 'GET', `${base}/groups`);
  const history = await callApi<{ versions: PolicyVersionView[] }>(c, 'GET', `${base}/policy/history`);
  const list = groups.ok ? groups.value.groups : [];
  return page(
    c,
    <Shell place={place} title="Access" room="access">
      <Heading title="Access" lead={policy ? defaultWords(policy) : ''} />
      <Refused refusal={form.overall} />
      <div class="grid wide-first">
        <div class="stack">
          {policy && <Rules place={place} policy={policy} />}
          {policy && may(place, 'policy:write') && (
            <NewRule place={place} form={form} options={await subjects(c, network, list)} />
          )}
          <Ask c={c} network={network} />
        </div>
        <div class="stack">
          <Groups place={place} groups={list} form={groupForm} />
          {history.ok && <History place={place} versions={history.value.versions} />}
        </div>
      </div>
    </Shell>,
    form.refused || groupForm.refused ? 422 : 200,
  );
}

function defaultWords({ default: standard, rules }: PolicyView): string {
  const rest = standard === 'allow' ? 'Everybody reaches everybody' : 'Nobody reaches anybody';
  return rules.length === 0
    ? `${rest}: there are no rules.`
    : `${rest}, but for ${count(rules.length, 'rule')}. The first that fits decides.`;
}
