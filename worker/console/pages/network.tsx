// A new network: a name is enough; what follows from it can be seen and changed before.

import { Hono } from 'hono';
import type { NetworkView } from '../../api/json.ts';
import { page } from '../answer.tsx';
import { callApi } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Button } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Checkbox, Input } from '../parts/field.tsx';
import { Notice, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may } from '../place.ts';

export const network = new Hono<ConsoleEnv>();

network.get('/new', allowed('networks:write'), (c) => newNetworkForm(c, null));

network.post('/new', allowed('networks:write'), async (c) => {
  const form = await takeForm(c, 'network');
  if (!form) return newNetworkForm(c, null, true);
  const added = await callApi<{ network: NetworkView }>(c, 'POST', '/networks', {
    name: form.value('name').trim(),
    ...(form.has('ipv4') ? { ipv4: form.value('ipv4').trim() } : {}),
    ...(form.value('noipv6') === 'yes' ? { ipv6: null } : {}),
  });
  if (!added.ok) return newNetworkForm(c, form.refuse(added.refusal));
  const { name } = added.value.network;
  return c.redirect(
    linkTo({ ...c.var.place, network: null }, 'devices/new', { network: name, note: 'network-added' }),
    303,
  );
});

/** @param form what was typed and refused; null for an empty one. */
export function newNetworkForm(c: ConsoleContext, form: Typed | null, foreign = false): Promise<Response> {
  const { place } = c.var;
  const typed = form ?? new Typed('network');
  const first = place.networks.length === 0;
  return page(
    c,
    <Shell place={place} title="Name a network" room="overview">
      <Heading
        title={first ? 'Name your network' : 'Add a network'}
        lead="A network is a set of private addresses. Its devices and sites reach each other by them, wherever they are."
      />
      {foreign && (
        <Notice tone="bad">
          <p>The form was not sent from this page of yours, so nothing was done. Send it again.</p>
        </Notice>
      )}
      <Refused refusal={typed.overall} />
      {may(place, 'networks:write') ? (
        <Card>
          <form class="form" method="post" action={linkTo(place, 'networks/new')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Input
              form={typed}
              name="name"
              label="Name"
              initial={first ? 'home' : ''}
              hint="Letters a-z, digits and hyphens: it becomes part of the identity of its devices."
              required
            />
            <details class="fold" open={typed.has('ipv4') || typed.refused}>
              <summary>Addresses: chosen for you unless you say otherwise</summary>
              <div class="form">
                <Input
                  form={typed}
                  name="ipv4"
                  label="IPv4 addresses"
                  hint="Empty: a /20 of 100.64.0.0/10, which homes and offices seldom use. Avoid 192.168.0.0/16: clients are often in such a network themselves."
                  placeholder="100.64.16.0/20"
                />
                <Checkbox
                  form={typed}
                  name="noipv6"
                  label="Without IPv6"
                  hint="Otherwise a /64 of unique local addresses is drawn."
                />
              </div>
            </details>
            <div class="buttons">
              <Button kind="main-one">Add the network</Button>
            </div>
          </form>
        </Card>
      ) : (
        <Notice>
          <p>There is no network yet. An owner or admin of the organisation can add one.</p>
        </Notice>
      )}
    </Shell>,
    typed.refused || foreign ? 422 : 200,
  );
}
