// Find: pages, devices, sites and things to do by a few letters. The island shows the same list over any page.

import { Hono } from 'hono';
import { page } from '../../answer.tsx';
import { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { Empty } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { type ConsoleEnv, linkTo } from '../../place.ts';
import { entriesFor } from './entries.ts';
import { membersFor } from './members.ts';

export const find = new Hono<ConsoleEnv>();

const LONGEST = 100;

find.get('/', async (c) => {
  const { place } = c.var;
  const asked = (place.query.get('q') ?? '').slice(0, LONGEST);
  const text = asked.trim().toLowerCase();
  const found = [...(await membersFor(c, text)), ...entriesFor(place, text)];
  const form = new Typed('find', new Map([['q', [asked]]]));
  return page(
    c,
    <Shell place={place} title="Find" room="find">
      <Heading title="Find" lead="Pages, devices, sites, and things to do, such as: suspend laptop." />
      <form class="filters" method="get" action={linkTo(place, 'find').replace(/\?.*/, '')}>
        {place.network !== place.networks[0] && <input type="hidden" name="network" value={place.network?.name} />}
        <div class="field grows">
          <Input form={form} name="q" label="Beginning of a name, or a word" type="search" autofocus />
        </div>
        <Button>Find</Button>
      </form>
      <Card flush>
        {found.length === 0 ? (
          <Empty icon="find" title="Nothing fits">
            <p>Devices and sites are found by the beginning of their name, or by their address.</p>
          </Empty>
        ) : (
          <ul class="found" data-found>
            {found.map(({ kind, label, href }) => (
              <li>
                <a href={href}>{label}</a>
                <span class="tag">{kind}</span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </Shell>,
  );
});
