// Can one reach the other?

import type { AccessAnswerView } from '../../../api/json.ts';
import type { Network } from '../../../directory/networks.ts';
import { callApi, part } from '../../call.ts';
import { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input, Select } from '../../parts/field.tsx';
import { Refused } from '../../parts/notice.tsx';
import { Status } from '../../parts/status.tsx';
import { type ConsoleContext, linkTo } from '../../place.ts';

const ASKED = ['from', 'to', 'protocol', 'port'];

/** "Can A reach B?", answered by what decides about packets. */
export async function Ask({ c, network }: { readonly c: ConsoleContext; readonly network: Network }) {
  const { place } = c.var;
  const typed = new Typed(
    'ask',
    new Map(
      ASKED.flatMap((name) => (place.query.get(name) === null ? [] : [[name, [place.query.get(name)!]] as const])),
    ),
  );
  const asks = typed.has('from') && typed.has('to');
  const protocol = typed.value('protocol', 'tcp');
  const port = protocol === 'icmp' ? {} : { port: Number(typed.value('port', '443')) };
  const question = { from: typed.value('from').trim(), to: typed.value('to').trim(), protocol, ...port };
  const answer = asks
    ? await callApi<{ answer: AccessAnswerView }>(c, 'POST', `/networks/${part(network.name)}/policy/ask`, question)
    : null;
  if (answer && !answer.ok) typed.refuse(answer.refusal);
  return (
    <Card title="Can one reach the other?" id="ask">
      <form class="filters" method="get" action={linkTo(place, 'access').replace(/\?.*/, '')}>
        {place.network !== place.networks[0] && <input type="hidden" name="network" value={network.name} />}
        <Input form={typed} name="from" label="From" placeholder="anna-mac" />
        <Input form={typed} name="to" label="To" placeholder="office or 10.1.2.3" />
        <Select
          form={typed}
          name="protocol"
          label="By"
          options={['tcp', 'udp', 'icmp'].map((value) => ({ value, label: value.toUpperCase() }))}
        />
        <Input form={typed} name="port" label="Port" initial="443" inputmode="numeric" />
        <Button>Ask</Button>
      </form>
      <Refused refusal={typed.overall} />
      {answer?.ok && (
        <p class="verdict" role="status">
          <Status tone={answer.value.answer.allowed ? 'good' : 'bad'} word={verdictWords(answer.value.answer)} />
        </p>
      )}
    </Card>
  );
}

function verdictWords({ allowed, position, from, to }: AccessAnswerView): string {
  const why = position === null ? 'no rule speaks of it' : `rule ${position} decides`;
  return `${allowed ? 'Yes' : 'No'}: ${from.name} ${allowed ? 'reaches' : 'does not reach'} ${to.name}; ${why}.`;
}
