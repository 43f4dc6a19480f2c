// Sites: networks behind a router of their own. The router is picked, its configuration is there to paste, and the tunnel is seen to come up.

import { Hono } from 'hono';
import { formatPrefix } from '../../../src/wire/prefix.ts';
import type { MemberView, ProfileView } from '../../api/json.ts';
import { listMembers } from '../../directory/members.ts';
import { memberById } from '../../directory/member-search.ts';
import { nothingHere, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { presenceOf } from '../live-state.ts';
import { Button, CopyButton, LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Input, Radios, TextArea } from '../parts/field.tsx';
import { Empty, Failed, Notice, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { Pager, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { WayIn } from '../parts/way-in.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may } from '../place.ts';
import { progressOf } from '../progress.ts';
import { count } from '../words.ts';
import { noNetwork, type Row, rowOf } from './devices.tsx';
import { showMember } from './device/page.tsx';

export const sites = new Hono<ConsoleEnv>();

const PAGE = 50;

const VENDORS = [
  { id: 'swanctl', label: 'strongSwan' },
  { id: 'libreswan', label: 'libreswan' },
  { id: 'openiked', label: 'OpenIKED' },
  { id: 'routeros', label: 'MikroTik' },
  { id: 'fortigate', label: 'FortiGate' },
  { id: 'cisco', label: 'Cisco IOS-XE' },
];

const METHODS = [
  {
    value: 'psk',
    label: 'Pre-shared key',
    hint: 'Every router can. The key is long, random, and in the configuration.',
  },
  { value: 'cert', label: 'Certificate', hint: 'Where the router takes one.' },
];

sites.get('/', async (c) => {
  const { place } = c.var;
  const { network } = place;
  if (!network) return page(c, noNetwork(place));
  const after = place.query.get('after') ?? '';
  const found = await listMembers(c.env.DB, network, 'site', { after, limit: PAGE });
  const presence = await presenceOf(
    c.env,
    network.id,
    found.members.map(({ id }) => id),
  );
  const rows = found.members.map((record) => rowOf(record, presence, place.now));
  return page(
    c,
    <Shell place={place} title="Sites" room="sites" live>
      <Heading title="Sites" lead="Offices and clouds that their own router joins to the network.">
        {may(place, 'members:write') && (
          <LinkButton href={linkTo(place, 'sites/new')} kind="main-one" icon="add">
            Join a site
          </LinkButton>
        )}
      </Heading>
      {presence === null && <Failed what="Which sites are up" />}
      <Card flush>
        {rows.length === 0 ? (
          <Empty icon="sites" title="No sites yet">
            <p>
              A site brings everything behind its router into {network.name}, without a program on any of its machines.
            </p>
          </Empty>
        ) : (
          <>
            <Table<Row>
              caption="Sites"
              rows={rows}
              rowId={({ record }) => record.id}
              columns={[
                {
                  title: 'Name',
                  names: true,
                  cell: ({ record }) => (
                    <a class="name" href={linkTo(place, `sites/${record.id}`)}>
                      {record.name}
                    </a>
                  ),
                },
                {
                  title: 'State',
                  cell: ({ standing }) => (
                    <span data-state>
                      <Status tone={standing.tone} word={standing.word} />
                    </span>
                  ),
                },
                { title: 'Behind it', cell: ({ record }) => record.prefixes.map(formatPrefix).join(', ') },
                {
                  title: 'Since',
                  cell: ({ standing }) => (standing.since ? <Time at={standing.since} now={place.now} /> : '–'),
                },
              ]}
            />
            <Pager
              shown={count(rows.length, 'site')}
              first={after === '' ? null : linkTo(place, 'sites')}
              next={found.next === null ? null : linkTo(place, 'sites', { after: found.next })}
            />
          </>
        )}
      </Card>
    </Shell>,
  );
});

sites.get('/new', allowed('members:write'), (c) => formPage(c, new Typed('site')));

sites.post('/new', allowed('members:write'), async (c) => {
  const { place } = c.var;
  const form = await takeForm(c, 'site');
  if (!form || !place.network) return c.redirect(linkTo(place, 'sites/new'), 303);
  const added = await callApi<{ site: MemberView }>(c, 'POST', `/networks/${part(place.network.name)}/sites`, {
    name: form.value('name').trim(),
    auth: form.value('auth', 'psk'),
    prefixes: form.list('prefixes'),
  });
  if (!added.ok) return formPage(c, form.refuse(added.refusal));
  return c.redirect(linkTo(place, `sites/${added.value.site.id}/connect`, { router: form.value('router') }), 303);
});

/** Holds secrets: only for who may make them. */
sites.get('/:id/connect', allowed('members:write'), async (c) => {
  const { place } = c.var;
  const placed = await memberById(c.env.DB, place.networks, c.req.param('id'));
  if (!placed || placed.record.revokedAt !== null) return nothingHere(c);
  const { record, network } = placed;
  const vendor = VENDORS.find(({ id }) => id === place.query.get('router')) ?? VENDORS[0]!;
  const path = `/networks/${part(network.name)}/members/${part(record.name)}/profile?format=${vendor.id}`;
  const made = await callApi<ProfileView>(c, 'GET', path);
  const files = made.ok ? made.value.files.map((file) => ({ ...file, text: textOf(file.content) })) : [];
  return page(
    c,
    <Shell place={place} title={`Connect ${record.name}`} room="sites" live>
      <Heading
        title={`Connect ${record.name}`}
        back={{ href: linkTo(place, `sites/${record.id}`), label: record.name }}
        lead={`What its router takes, and whether the tunnel comes up.`}
      />
      <nav class="tabs" aria-label="Router">
        {VENDORS.map(({ id, label }) => (
          <a
            href={linkTo(place, `sites/${record.id}/connect`, { router: id })}
            {...(id === vendor.id ? { 'aria-current': 'page' } : {})}
          >
            {label}
          </a>
        ))}
      </nav>
      {!made.ok && <Refused refusal={made.refusal} />}
      {made.ok && made.value.steps.length > 0 && (
        <Card title="What to do">
          <ol class="steps">
            {made.value.steps.map((step) => (
              <li>
                <span>{step}</span>
              </li>
            ))}
          </ol>
        </Card>
      )}
      {files.length > 0 && (
        <Notice tone="warn">
          <p>These files hold the site's secrets. Whoever reads them can connect in its place.</p>
          {made.ok && made.value.password != null && (
            <p>
              The password of the certificate, new each time this page is opened: <code>{made.value.password}</code>{' '}
              <CopyButton text={made.value.password} what="the password" />
            </p>
          )}
        </Notice>
      )}
      {files.map(({ path: name, mime, content, text }) =>
        text === null ? (
          <Card title={name}>
            <LinkButton href={`data:${mime};base64,${content}`} icon="download" download={name.split('/').at(-1)!}>
              Save this file
            </LinkButton>
          </Card>
        ) : (
          <Card title={name} aside={<CopyButton text={text} what={name} />}>
            <pre tabindex={0}>{text}</pre>
          </Card>
        ),
      )}
      <Card title="The way in" id="way">
        <WayIn place={place} member={record.id} progress={await progressOf(c, placed)} />
      </Card>
    </Shell>,
  );
});

sites.get('/:id', (c) => showMember(c));

/** null for what is no text. */
function textOf(base64: string): string | null {
  try {
    const octets = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
}

function formPage(c: ConsoleContext, form: Typed): Promise<Response> {
  const { place } = c.var;
  if (!place.network) return page(c, noNetwork(place));
  return page(
    c,
    <Shell place={place} title="Join a site" room="sites">
      <Heading
        title="Join a site"
        back={{ href: linkTo(place, 'sites'), label: 'Sites' }}
        lead="It may be behind a NAT and change its address: it is known by its name, not by where it comes from."
      />
      <Refused refusal={form.overall} />
      <Card>
        <form class="form" method="post" action={linkTo(place, 'sites/new')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Input
            form={form}
            name="name"
            label="Name"
            placeholder="office"
            hint="Letters a-z, digits and hyphens."
            required
          />
          <TextArea
            form={form}
            name="prefixes"
            label="What stands behind it"
            hint="Its prefixes, one a line, such as 10.1.0.0/16. No two sites may share an address."
            required
          />
          <fieldset class="field">
            <legend>Its router</legend>
            <div class="picker">
              {VENDORS.map(({ id, label }, index) => (
                <label>
                  <input
                    type="radio"
                    name="router"
                    value={id}
                    checked={form.value('router', index === 0 ? id : '') === id}
                  />
                  {label}
                </label>
              ))}
            </div>
          </fieldset>
          <Radios form={form} name="auth" label="It proves itself by" initial="psk" choices={METHODS} />
          <div class="buttons">
            <Button kind="main-one">Join the site</Button>
          </div>
        </form>
      </Card>
    </Shell>,
    form.refused ? 422 : 200,
  );
}
