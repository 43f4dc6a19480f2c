// Access: who may reach what, as sentences. A change is shown before it is in force, with who loses by it.

import { Hono } from 'hono';
import type {
  AccessAnswerView,
  ChangesView,
  GroupView,
  PolicyVersionView,
  PolicyView,
  RuleView,
  SubjectView,
} from '../../api/json.ts';
import { listMembers } from '../../directory/members.ts';
import type { Network } from '../../directory/networks.ts';
import { goTo, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Button, LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Input, Select } from '../parts/field.tsx';
import { Notice, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may, type Place } from '../place.ts';
import { count, listed } from '../words.ts';
import { noNetwork } from './devices.tsx';

export const access = new Hono<ConsoleEnv>();

const SITES = 100;
const ASKED = ['from', 'to', 'protocol', 'port'];

access.get('/', (c) => accessPage(c, new Typed('rule')));

/** Tries a change: nothing is in force yet. */
access.post('/try', allowed('policy:write'), async (c) => {
  const form = await takeForm(c, 'rule');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'access');
  const policy = await policyOf(c, network);
  if (!policy) return goTo(c, 'access');
  const wanted = changed(policy, form);
  return showTrial(c, network, wanted, form);
});

access.post('/apply', allowed('policy:write'), async (c) => {
  const form = await takeForm(c, 'apply');
  const { network } = c.var.place;
  const wanted = form && readWanted(form.value('policy'));
  if (!wanted || !network) return goTo(c, 'access');
  const saved = await callApi(c, 'PUT', `/networks/${part(network.name)}/policy`, wanted);
  return saved.ok ? goTo(c, 'access', 'policy-saved') : accessPage(c, new Typed('rule').refuse(saved.refusal));
});

access.post('/groups', allowed('policy:write'), async (c) => {
  const form = await takeForm(c, 'group');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'access');
  const groups = `/networks/${part(network.name)}/groups`;
  const name = form.value('name').trim();
  const answer = form.has('members')
    ? await callApi(c, 'POST', `${groups}/${part(name)}/members`, { members: form.list('members') })
    : await callApi(c, 'POST', groups, { name });
  return answer.ok ? goTo(c, 'access', 'group-saved') : accessPage(c, new Typed('rule'), form.refuse(answer.refusal));
});

access.post('/groups/:group/remove', allowed('policy:write'), async (c) => {
  const { network } = c.var.place;
  if (!(await takeForm(c, 'group')) || !network) return goTo(c, 'access');
  const answer = await callApi(c, 'DELETE', `/networks/${part(network.name)}/groups/${part(c.req.param('group'))}`);
  return answer.ok ? goTo(c, 'access', 'group-removed') : accessPage(c, new Typed('rule').refuse(answer.refusal));
});

async function accessPage(c: ConsoleContext, form: Typed, groupForm = new Typed('group')): Promise<Response> {
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

function Rules({ place, policy }: { readonly place: Place; readonly policy: PolicyView }) {
  const other = policy.default === 'allow' ? 'deny' : 'allow';
  return (
    <Card title="Rules" flush>
      <Table
        caption="Rules, the first that fits decides"
        rows={policy.rules.map((rule, index) => ({ rule, position: index + 1 }))}
        columns={[
          { title: 'No.', cell: ({ position }) => position },
          { title: 'Rule', names: true, cell: ({ rule }) => <RuleWords rule={rule} /> },
          {
            title: '',
            end: true,
            cell: ({ rule, position }) =>
              may(place, 'policy:write') && (
                <form method="post" action={linkTo(place, 'access/try')}>
                  <input type="hidden" name="csrf" value={place.csrf} />
                  <input type="hidden" name="remove" value={rule.id} />
                  <button type="submit" class="button plain slim" aria-label={`Remove rule ${position}…`}>
                    Remove…
                  </button>
                </form>
              ),
          },
        ]}
      />
      <div class="pager">
        <span>Otherwise: {policy.default === 'allow' ? 'everybody reaches everybody' : 'nobody reaches anybody'}.</span>
        {may(place, 'policy:write') && (
          <form method="post" action={linkTo(place, 'access/try')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Button slim name="default" value={other}>
              {other === 'deny' ? 'Deny what no rule allows…' : 'Allow what no rule denies…'}
            </Button>
          </form>
        )}
      </div>
    </Card>
  );
}

function RuleWords({ rule }: { readonly rule: RuleView }) {
  const { source, target, services, action } = rule;
  return (
    <span class="rule">
      <Status tone={action === 'allow' ? 'good' : 'bad'} label={action === 'allow' ? 'Allows:' : 'Denies:'} />
      <b>{subjectWords(source)}</b> {action === 'allow' ? 'may reach' : 'may not reach'} <b>{subjectWords(target)}</b>
      <span class="soft">{services.includes('any') ? 'with anything' : `with ${services.join(', ')}`}</span>
    </span>
  );
}

export function subjectWords({ kind, name, prefixes }: SubjectView): string {
  if (kind === 'everyone') return 'everyone';
  return `${kind} ${name ?? ''}${prefixes && prefixes.length > 0 ? ` (${prefixes.join(', ')})` : ''}`;
}

interface NewRuleProps {
  readonly place: Place;
  readonly form: Typed;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

function NewRule({ place, form, options }: NewRuleProps) {
  return (
    <Card title="Add a rule">
      <form class="filters" method="post" action={linkTo(place, 'access/try')}>
        <input type="hidden" name="csrf" value={place.csrf} />
        <Select form={form} name="source" label="Who" options={options} />
        <Select
          form={form}
          name="action"
          label="May they?"
          options={[
            { value: 'allow', label: 'may reach' },
            { value: 'deny', label: 'may not reach' },
          ]}
        />
        <Select form={form} name="target" label="Whom" options={options} />
        <Input form={form} name="services" label="With" initial="any" placeholder="tcp/22,443" />
        <Button>Try it…</Button>
      </form>
      <p class="small soft">
        Services are <code>any</code>, <code>icmp</code>, <code>tcp/22,443</code> or <code>udp/53</code>. Nothing
        changes before you have seen who loses or gains by it.
      </p>
    </Card>
  );
}

async function showTrial(c: ConsoleContext, network: Network, wanted: Wanted, form: Typed): Promise<Response> {
  const { place } = c.var;
  const trial = await callApi<ChangesView>(c, 'POST', `/networks/${part(network.name)}/policy/dry-run`, wanted);
  if (!trial.ok) return accessPage(c, form.refuse({ ...trial.refusal, field: 'none' }));
  const { changes, losing, gaining, complete } = trial.value;
  return page(
    c,
    <Shell place={place} title="Try a change" room="access">
      <Heading
        title={
          losing > 0
            ? `This takes access from ${count(losing, 'member')}`
            : gaining > 0
              ? `This gives access to ${count(gaining, 'member')}`
              : 'Nobody loses or gains by this'
        }
        back={{ href: linkTo(place, 'access'), label: 'Access' }}
        lead="Nothing is in force yet."
      />
      {!complete && (
        <Notice tone="warn">
          <p>There is more to compare than is compared at once: what stands here is a part of it.</p>
        </Notice>
      )}
      <Card flush>
        {changes.length === 0 ? (
          <p class="pad soft">What is allowed stays the same.</p>
        ) : (
          <Table
            caption="Who loses and gains what"
            rows={changes}
            columns={[
              { title: 'From', names: true, cell: ({ from }) => `${from.name} (${from.members})` },
              { title: 'To', cell: ({ to }) => `${to.name}${to.prefix ? ` ${to.prefix}` : ''} (${to.members})` },
              { title: 'Loses', cell: ({ lost }) => listed(lost) || '–' },
              { title: 'Gains', cell: ({ gained }) => listed(gained) || '–' },
            ]}
          />
        )}
      </Card>
      <form method="post" action={linkTo(place, 'access/apply')} class="buttons">
        <input type="hidden" name="csrf" value={place.csrf} />
        <input type="hidden" name="policy" value={JSON.stringify(wanted)} />
        <Button kind={losing > 0 ? 'danger' : 'main-one'}>Put it in force</Button>
        <LinkButton href={linkTo(place, 'access')} kind="plain">
          Leave everything as it is
        </LinkButton>
      </form>
    </Shell>,
  );
}

/** "Can A reach B?", answered by what decides about packets. */
async function Ask({ c, network }: { readonly c: ConsoleContext; readonly network: Network }) {
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

function Groups({
  place,
  groups,
  form,
}: {
  readonly place: Place;
  readonly groups: readonly GroupView[];
  readonly form: Typed;
}) {
  return (
    <Card title="Groups" flush>
      <Table
        caption="Groups"
        rows={groups}
        columns={[
          { title: 'Name', names: true, cell: ({ name }) => name },
          { title: 'Members', end: true, cell: ({ members }) => members.toLocaleString('en') },
          {
            title: '',
            end: true,
            cell: ({ name }) =>
              may(place, 'policy:write') && (
                <form method="post" action={linkTo(place, `access/groups/${part(name)}/remove`)}>
                  <input type="hidden" name="csrf" value={place.csrf} />
                  <button type="submit" class="button plain slim" aria-label={`Remove the group ${name}`}>
                    Remove
                  </button>
                </form>
              ),
          },
        ]}
      />
      {may(place, 'policy:write') && (
        <form class="form pad" method="post" action={linkTo(place, 'access/groups')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Refused refusal={form.overall} />
          <Input form={form} name="name" label="Group" placeholder="engineers" required />
          <Input
            form={form}
            name="members"
            label="Put in"
            hint="Names of devices or sites; empty: a new group."
            placeholder="anna-mac"
          />
          <Button>Save the group</Button>
        </form>
      )}
    </Card>
  );
}

function History({ place, versions }: { readonly place: Place; readonly versions: readonly PolicyVersionView[] }) {
  return (
    <Card title="History" flush>
      <ul class="events">
        {versions.slice(0, 8).map(({ version, who, at, rules }) => (
          <li>
            <Status tone="idle" />
            <div>
              <p>
                Version {version}, {count(rules.length, 'rule')}
              </p>
              <p class="small soft">{who}</p>
            </div>
            <span class="when">
              <Time at={at} now={place.now} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function defaultWords({ default: standard, rules }: PolicyView): string {
  const rest = standard === 'allow' ? 'Everybody reaches everybody' : 'Nobody reaches anybody';
  return rules.length === 0
    ? `${rest}: there are no rules.`
    : `${rest}, but for ${count(rules.length, 'rule')}. The first that fits decides.`;
}

type Wanted = Omit<PolicyView, 'rules'> & {
  readonly rules: readonly (Omit<RuleView, 'id'> & { readonly id?: string })[];
};

function changed(policy: PolicyView, form: Typed): Wanted {
  const { version, rules } = policy;
  if (form.has('remove')) return { ...policy, rules: rules.filter(({ id }) => id !== form.value('remove')) };
  if (form.has('default')) return { version, rules, default: form.value('default') === 'allow' ? 'allow' : 'deny' };
  const services = form
    .value('services', 'any')
    .split(/\s+/)
    .filter((each) => each !== '');
  const action = form.value('action') === 'deny' ? 'deny' : 'allow';
  const rule = {
    source: subjectIn(form.value('source')),
    target: subjectIn(form.value('target')),
    services,
    action,
  } as const;
  return { ...policy, rules: [...rules, rule] };
}

function subjectIn(text: string): SubjectView {
  const [kind, name = ''] = text.split('/');
  return kind === 'group' || kind === 'site' || kind === 'device' ? { kind, name } : { kind: 'everyone' };
}

/** What our own page has sent along. */
function readWanted(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

async function subjects(c: ConsoleContext, network: Network, groups: readonly GroupView[]) {
  const sites = await listMembers(c.env.DB, network, 'site', { limit: SITES });
  const devices = await listMembers(c.env.DB, network, 'device', { limit: SITES });
  return [
    { value: 'everyone', label: 'everyone' },
    ...groups.map(({ name }) => ({ value: `group/${name}`, label: `group ${name}` })),
    ...sites.members.map(({ name }) => ({ value: `site/${name}`, label: `site ${name}` })),
    ...devices.members.map(({ name }) => ({ value: `device/${name}`, label: `device ${name}` })),
  ];
}

async function policyOf(c: ConsoleContext, network: Network): Promise<PolicyView | null> {
  const answer = await callApi<{ policy: PolicyView }>(c, 'GET', `/networks/${part(network.name)}/policy`);
  return answer.ok ? answer.value.policy : null;
}
