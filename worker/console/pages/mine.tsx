// My devices: all that a plain member sees.

import { Hono } from 'hono';
import { raw } from 'hono/html';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { membersOwnedBy, type Placed } from '../../directory/member-search.ts';
import { goTo, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { takeForm } from '../door.ts';
import { presenceOf } from '../live-state.ts';
import { Button, CopyButton, LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Empty, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { type ConsoleEnv, linkTo, type Place } from '../place.ts';
import { SYSTEMS, systemOf } from '../systems.ts';
import type { LinkView } from './add-device.tsx';
import { rowOf } from './devices.tsx';

export const mine = new Hono<ConsoleEnv>();

mine.get('/', async (c) => {
  const { place } = c.var;
  const own = await membersOwnedBy(c.env.DB, place.networks, place.session.user.id);
  const cards = await Promise.all(
    own.map(async (placed) => {
      const presence = await presenceOf(c.env, placed.network.id, [placed.record.id]);
      return { placed, standing: rowOf(placed.record, presence, place.now).standing };
    }),
  );
  const here = systemOf(c.req.header('User-Agent') ?? '').id;
  return page(
    c,
    <Shell place={place} title="My devices" room="mine">
      <Heading title="My devices" lead="Devices that are yours. You may fetch their profiles again." />
      {cards.length === 0 && (
        <Card>
          <Empty icon="mine" title="No device is yours yet">
            <p>Whoever looks after the network adds one for you.</p>
          </Empty>
        </Card>
      )}
      <div class="grid">
        {cards.map(({ placed, standing }) => (
          <Card title={placed.record.name} aside={<Status tone={standing.tone} word={standing.word} />}>
            <p class="soft">
              {placed.network.name} · {placed.record.addresses.map(formatAddress)[0]}
            </p>
            <Fetch place={place} placed={placed} here={here} />
          </Card>
        ))}
      </div>
    </Shell>,
  );
});

mine.post('/:id/link', async (c) => {
  const { place } = c.var;
  const form = await takeForm(c, 'link');
  const system = SYSTEMS.find(({ id }) => id === form?.value('system'));
  if (!form || !system) return goTo(c, 'mine');
  const made = await callApi<LinkView>(c, 'POST', `/mine/${part(c.req.param('id'))}/links`, { format: system.format });
  return page(
    c,
    <Shell place={place} title="Its profile" room="mine">
      <Heading
        title="Its profile"
        back={{ href: linkTo(place, 'mine'), label: 'My devices' }}
        lead="The link works once, on the device that it is for."
      />
      {made.ok ? (
        <Card>
          <div class="handout">
            <div class="stack">
              <div class="buttons">
                <LinkButton href={made.value.link} kind="main-one" icon="download">
                  Open the profile on this device
                </LinkButton>
              </div>
              <p class="small soft">
                <code data-link>{made.value.link}</code> <CopyButton text={made.value.link} what="the link" />
              </p>
            </div>
            <div class="qr" role="img" aria-label="The same link as a QR code">
              {raw(made.value.qr)}
            </div>
          </div>
        </Card>
      ) : (
        <Refused refusal={made.refusal} />
      )}
    </Shell>,
  );
});

function Fetch({
  place,
  placed: { record },
  here,
}: {
  readonly place: Place;
  readonly placed: Placed;
  readonly here: string;
}) {
  return (
    <form class="filters" method="post" action={linkTo(place, `mine/${record.id}/link`)}>
      <input type="hidden" name="csrf" value={place.csrf} />
      <div class="field">
        <label for={`for-${record.id}`}>For</label>
        <select class="input" id={`for-${record.id}`} name="system">
          {SYSTEMS.map(({ id, label }) => (
            <option value={id} selected={id === here}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <Button>Fetch the profile</Button>
    </form>
  );
}
