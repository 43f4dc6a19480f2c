// Settings: the network, the organisation's certificate authority, tokens and webhooks for programs, one's own account.

import { Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { formatPrefix } from '../../../src/wire/prefix.ts';
import { SCOPES } from '../../account/scopes.ts';
import { goTo, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Button, CopyButton } from '../parts/button.tsx';
import { Card, Facts } from '../parts/card.tsx';
import { Input } from '../parts/field.tsx';
import { Failed, Notice, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may, type Place } from '../place.ts';

export const settings = new Hono<ConsoleEnv>();

const TABS = {
  network: 'Network',
  authority: 'Certificate authority',
  tokens: 'API tokens',
  webhooks: 'Webhooks',
  account: 'My account',
} as const;

type Tab = keyof typeof TABS;

interface Shown {
  readonly c: ConsoleContext;
  readonly place: Place;
  readonly form: Typed;
  /** Shown this once. */
  readonly secret: string | null;
}

settings.get('/', (c) => settingsPage(c, tabOf(c.var.place.query.get('tab'))));

settings.post('/network', allowed('networks:write'), async (c) => {
  const form = await takeForm(c, 'network');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'settings');
  const saved = await callApi(c, 'PATCH', `/networks/${part(network.name)}`, {
    mtu: Number(form.value('mtu')),
    ikeLifetimeSeconds: Number(form.value('ikeLifetimeSeconds')),
    childLifetimeSeconds: Number(form.value('childLifetimeSeconds')),
  });
  return saved.ok ? goTo(c, 'settings', 'network-changed') : settingsPage(c, 'network', form.refuse(saved.refusal));
});

settings.post('/tokens', allowed('settings:write'), async (c) => {
  const form = await takeForm(c, 'tokens');
  if (!form) return goTo(c, 'settings');
  const input = { name: form.value('name'), scopes: form.values('scopes'), days: Number(form.value('days')) };
  const made = await callApi<{ token: { secret: string } }>(c, 'POST', '/tokens', input);
  if (!made.ok) return settingsPage(c, 'tokens', form.refuse(made.refusal));
  return settingsPage(c, 'tokens', new Typed('tokens'), made.value.token.secret);
});

settings.post('/tokens/:id/revoke', allowed('settings:write'), async (c) => {
  if (await takeForm(c, 'revoke')) await callApi(c, 'DELETE', `/tokens/${part(c.req.param('id'))}`);
  return c.redirect(linkTo(c.var.place, 'settings', { tab: 'tokens', note: 'token-revoked' }), 303);
});

settings.post('/webhooks', allowed('settings:write'), async (c) => {
  const form = await takeForm(c, 'webhooks');
  if (!form) return goTo(c, 'settings');
  const made = await callApi<{ webhook: { secret: string } }>(c, 'POST', '/webhooks', {
    url: form.value('url').trim(),
    events: form.list('events'),
  });
  if (!made.ok) return settingsPage(c, 'webhooks', form.refuse(made.refusal));
  return settingsPage(c, 'webhooks', new Typed('webhooks'), made.value.webhook.secret);
});

settings.post('/webhooks/:id/:what', allowed('settings:write'), async (c) => {
  const { id, what } = c.req.param();
  if (await takeForm(c, 'webhook'))
    await (what === 'test'
      ? callApi(c, 'POST', `/webhooks/${part(id)}/test`)
      : callApi(c, 'DELETE', `/webhooks/${part(id)}`));
  return c.redirect(
    linkTo(c.var.place, 'settings', { tab: 'webhooks', note: what === 'test' ? 'saved' : 'webhook-removed' }),
    303,
  );
});

function tabOf(name: string | null): Tab {
  return name !== null && Object.hasOwn(TABS, name) ? (name as Tab) : 'network';
}

async function settingsPage(
  c: ConsoleContext,
  tab: Tab,
  form = new Typed(tab),
  secret: string | null = null,
): Promise<Response> {
  const { place } = c.var;
  const content: Record<Tab, (shown: Shown) => Child | Promise<Child>> = {
    network,
    authority,
    tokens,
    webhooks,
    account,
  };
  return page(
    c,
    <Shell place={place} title="Settings" room="settings">
      <Heading title="Settings" lead={`Of ${place.organisation.name}.`} />
      <nav class="tabs" aria-label="Settings">
        {Object.entries(TABS).map(([name, label]) => (
          <a href={linkTo(place, 'settings', { tab: name })} {...(name === tab ? { 'aria-current': 'page' } : {})}>
            {label}
          </a>
        ))}
      </nav>
      <Refused refusal={form.overall} />
      {secret !== null && (
        <Notice tone="good">
          <p>This is shown once. Keep it where only your program finds it.</p>
          <p>
            <code data-secret>{secret}</code> <CopyButton text={secret} what="the secret" />
          </p>
        </Notice>
      )}
      {await content[tab]({ c, place, form, secret })}
    </Shell>,
    form.refused ? 422 : 200,
  );
}

function network({ place, form }: Shown): Child {
  const { network: shown } = place;
  if (!shown) return <p class="soft">There is no network yet.</p>;
  const number = { inputmode: 'numeric' } as const;
  return (
    <div class="grid">
      <Card title={shown.name}>
        <form class="form" method="post" action={linkTo(place, 'settings/network')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Input form={form} name="mtu" label="Largest packet, octets" initial={String(shown.mtu)} {...number} />
          <Input
            form={form}
            name="ikeLifetimeSeconds"
            label="Keys of IKE live, seconds"
            initial={String(shown.ikeLifetimeSeconds)}
            {...number}
          />
          <Input
            form={form}
            name="childLifetimeSeconds"
            label="Keys of ESP live, seconds"
            initial={String(shown.childLifetimeSeconds)}
            {...number}
          />
          {may(place, 'networks:write') && <Button kind="main-one">Save</Button>}
        </form>
      </Card>
      <Card title="Fixed for good">
        <Facts
          facts={[
            ['IPv4', shown.ipv4 ? formatPrefix(shown.ipv4) : 'none'],
            ['IPv6', shown.ipv6 ? formatPrefix(shown.ipv6) : 'none'],
            ['In identities', <code>{shown.label}</code>],
          ]}
        />
        <p class="small soft">Devices keep their addresses for good, so the pools of a network never change.</p>
      </Card>
    </div>
  );
}

interface AuthorityView {
  readonly subject: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly acceptedUntil: number | null;
  readonly pem: string;
}

async function authority({ c, place }: Shown): Promise<Child> {
  const answer = await callApi<{ authorities: AuthorityView[] }>(c, 'GET', '/authority');
  if (!answer.ok) return <Failed what="The authority" />;
  return (
    <div class="stack">
      {answer.value.authorities.map((each, index) => (
        <Card
          title={index === 0 ? 'Signs certificates now' : 'Accepted for a while'}
          aside={<CopyButton text={each.pem} what="the certificate" />}
        >
          <Facts
            facts={[
              ['Subject', each.subject],
              ['SHA-256', <code>{each.fingerprint}</code>],
              ['Since', <Time at={each.notBefore} now={place.now} as="day" />],
              ['Ends', <Time at={each.notAfter} now={place.now} as="day" />],
              ...(each.acceptedUntil === null
                ? []
                : [['Accepted until', <Time at={each.acceptedUntil} now={place.now} as="day" />] as [string, Child]]),
            ]}
          />
        </Card>
      ))}
    </div>
  );
}

interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

async function tokens({ c, place, form }: Shown): Promise<Child> {
  const answer = await callApi<{ tokens: TokenView[] }>(c, 'GET', '/tokens');
  return (
    <div class="stack">
      <Card title="Tokens" aside={<a href="/docs/api">How the API is used</a>} flush>
        <Table
          caption="API tokens"
          rows={answer.ok ? answer.value.tokens : []}
          columns={[
            { title: 'Name', names: true, cell: ({ name }) => <bdi>{name}</bdi> },
            { title: 'May', cell: ({ scopes }) => scopes.join(', ') },
            {
              title: 'Used',
              cell: ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} now={place.now} /> : 'never'),
            },
            { title: 'Ends', cell: ({ expiresAt }) => <Time at={expiresAt} now={place.now} as="day" /> },
            {
              title: '',
              end: true,
              cell: ({ id, name }) => (
                <Small
                  place={place}
                  action={`settings/tokens/${part(id)}/revoke`}
                  label={`Revoke the token ${name}`}
                  word="Revoke"
                />
              ),
            },
          ]}
        />
      </Card>
      {may(place, 'settings:write') && (
        <Card title="Make a token">
          <form class="form" method="post" action={linkTo(place, 'settings/tokens')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Input form={form} name="name" label="Name" placeholder="terraform" required />
            <Input form={form} name="days" label="Days until it ends" initial="90" inputmode="numeric" />
            <fieldset class="field">
              <legend>What it may do</legend>
              <div class="picker">
                {SCOPES.map((scope) => (
                  <label>
                    <input
                      type="checkbox"
                      name="scopes"
                      value={scope}
                      checked={form.values('scopes').includes(scope)}
                    />
                    {scope}
                  </label>
                ))}
              </div>
            </fieldset>
            <Button kind="main-one">Make the token</Button>
          </form>
        </Card>
      )}
    </div>
  );
}

interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
}

async function webhooks({ c, place, form }: Shown): Promise<Child> {
  const answer = await callApi<{ webhooks: WebhookView[] }>(c, 'GET', '/webhooks');
  return (
    <div class="stack">
      <Card title="Webhooks" flush>
        <Table
          caption="Webhooks"
          rows={answer.ok ? answer.value.webhooks : []}
          columns={[
            { title: 'Where', names: true, cell: ({ url }) => url },
            { title: 'Events', cell: ({ events }) => events.join(', ') },
            {
              title: '',
              end: true,
              cell: ({ id, url }) => (
                <Small place={place} action={`settings/webhooks/${part(id)}/test`} label={`Test ${url}`} word="Test" />
              ),
            },
            {
              title: '',
              end: true,
              cell: ({ id, url }) => (
                <Small
                  place={place}
                  action={`settings/webhooks/${part(id)}/remove`}
                  label={`Remove ${url}`}
                  word="Remove"
                />
              ),
            },
          ]}
        />
      </Card>
      {may(place, 'settings:write') && (
        <Card title="Add a webhook">
          <form class="form" method="post" action={linkTo(place, 'settings/webhooks')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Input form={form} name="url" label="URL" placeholder="https://example.com/hooks/culvert" required />
            <Input
              form={form}
              name="events"
              label="Events"
              initial="*"
              hint="Such as device.add or device.*; * for all."
            />
            <Button kind="main-one">Add the webhook</Button>
          </form>
        </Card>
      )}
    </div>
  );
}

function account({ place }: Shown): Child {
  return (
    <div class="grid">
      <Card title="Passkeys">
        <p>A passkey signs you in with your device's own lock. It cannot be guessed, and nobody can phish it.</p>
        <div class="buttons">
          <button
            type="button"
            class="button main-one"
            data-passkey="add"
            data-back={linkTo(place, 'settings', { tab: 'account', note: 'saved' })}
            hidden
          >
            Add a passkey
          </button>
        </div>
        <p class="small soft" role="status" data-passkey-says />
      </Card>
      <Card title="You">
        <Facts
          facts={[
            ['Name', <bdi>{place.session.user.name}</bdi>],
            ['E-mail', place.session.user.email],
            ['Role here', place.organisation.role],
          ]}
        />
        <p>
          <a href="/forgot-password">Choose a new password</a>
        </p>
      </Card>
    </div>
  );
}

function Small({
  place,
  action,
  label,
  word,
}: {
  readonly place: Place;
  readonly action: string;
  readonly label: string;
  readonly word: string;
}) {
  if (!may(place, 'settings:write')) return null;
  return (
    <form method="post" action={linkTo(place, action)}>
      <input type="hidden" name="csrf" value={place.csrf} />
      <button type="submit" class="button plain slim" aria-label={label}>
        {word}
      </button>
    </form>
  );
}
