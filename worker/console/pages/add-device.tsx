// Add a device: one form with everything filled in, then the file, what to do with it, and the handshake as it happens.

import { Hono } from 'hono';
import { raw } from 'hono/html';
import type { MemberView } from '../../api/json.ts';
import { memberById } from '../../directory/member-search.ts';
import { page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Button, CopyButton, LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Checkbox, Input, Radios } from '../parts/field.tsx';
import { Notice, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Time } from '../parts/time.tsx';
import { WayIn } from '../parts/way-in.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, type Place } from '../place.ts';
import { progressOf } from '../progress.ts';
import { SYSTEMS, type System, systemOf } from '../systems.ts';
import { noNetwork } from './devices.tsx';

export const addDevice = new Hono<ConsoleEnv>();

export interface LinkView {
  readonly link: string;
  readonly qr: string;
  readonly expiresAt: number;
  readonly steps: readonly string[];
  /** Of the certificate in the file, where the system asks for it. */
  readonly password: string | null;
}

const METHODS = [
  { value: 'cert', label: 'Certificate', hint: 'Nothing to type, nothing to guess. Right for almost everybody.' },
  { value: 'eap', label: 'User name and password', hint: 'Where a device cannot keep a certificate.' },
];

addDevice.get('/', allowed('members:write'), (c) => formPage(c, new Typed('device')));

addDevice.post('/', allowed('members:write'), async (c) => {
  const { place } = c.var;
  const form = await takeForm(c, 'device');
  if (!form || !place.network) return c.redirect(linkTo(place, 'devices/new'), 303);
  const system = SYSTEMS.find(({ id }) => id === form.value('system')) ?? SYSTEMS[0]!;
  const path = `/networks/${part(place.network.name)}/devices`;
  const added = await callApi<{ device: MemberView }>(c, 'POST', path, {
    name: form.value('name').trim(),
    auth: form.value('auth', system.auth),
  });
  if (!added.ok) return formPage(c, form.refuse(added.refusal));
  const { id, name } = added.value.device;
  if (form.value('mine') === 'yes')
    await callApi(c, 'PATCH', `${path}/${part(name)}`, { owner: place.session.user.id });
  return handOut(c, id, system);
});

/** A link for a device that is there already. */
export async function handOut(c: ConsoleContext, id: string, system: System): Promise<Response> {
  const { place } = c.var;
  const placed = await memberById(c.env.DB, place.networks, id);
  if (!placed) return c.redirect(linkTo(place, 'devices'), 303);
  const { record, network } = placed;
  const path = `/networks/${part(network.name)}/members/${part(record.name)}/links`;
  const made = await callApi<LinkView>(c, 'POST', path, { format: system.format });
  const title = `Connect ${record.name}`;
  return page(
    c,
    <Shell place={place} title={title} room="devices" live>
      <Heading
        title={title}
        back={{ href: linkTo(place, 'devices'), label: 'Devices' }}
        lead={`${system.label}, ${network.name}. This page turns green by itself when it connects.`}
      />
      {made.ok ? <HandOut c={c} link={made.value} /> : <Refused refusal={made.refusal} />}
      <Card title="The way in" id="way">
        <WayIn place={place} member={id} progress={await progressOf(c, placed)} />
      </Card>
      <div class="buttons" data-replace={linkTo(place, `devices/${id}`)}>
        <LinkButton href={linkTo(place, `devices/${id}`)}>Go to the device</LinkButton>
        <LinkButton href={linkTo(place, 'devices/new')} kind="plain">
          Add another one
        </LinkButton>
      </div>
    </Shell>,
  );
}

interface HandOutProps {
  readonly c: ConsoleContext;
  readonly link: LinkView;
}

function HandOut({ c, link }: HandOutProps) {
  return (
    <Card title="Its profile">
      <div class="handout">
        <div class="stack">
          <ol class="steps">
            {link.steps.map((step) => (
              <li>
                <span>{step}</span>
              </li>
            ))}
          </ol>
          <div class="buttons">
            <LinkButton href={link.link} kind="main-one" icon="download">
              Open the profile on this device
            </LinkButton>
          </div>
          <p class="small soft">
            Or open this link on the device: <code data-link>{link.link}</code>
            <CopyButton text={link.link} what="the link" />
          </p>
          {link.password === null ? null : (
            <p>
              The system asks for a password for the certificate: <code>{link.password}</code>
              <CopyButton text={link.password} what="the password" />. It is shown here, and on the page of the link
              until the profile is fetched.
            </p>
          )}
          <p class="small soft">
            The link hands the profile out once, until <Time at={link.expiresAt} now={c.var.place.now} as="exact" />.
            Whoever has it can connect as this device.
          </p>
        </div>
        <div class="qr" role="img" aria-label="The same link as a QR code">
          {raw(link.qr)}
        </div>
      </div>
    </Card>
  );
}

function formPage(c: ConsoleContext, form: Typed): Promise<Response> {
  const { place } = c.var;
  if (!place.network) return page(c, noNetwork(place));
  const here = systemOf(c.req.header('User-Agent') ?? '');
  const chosen = form.value('system', here.id);
  return page(
    c,
    <Shell place={place} title="Add a device" room="devices">
      <Heading
        title="Add a device"
        back={{ href: linkTo(place, 'devices'), label: 'Devices' }}
        lead="It gets an address in the network and a profile that brings everything else."
      />
      <Refused refusal={form.overall} />
      <Card>
        <form class="form" method="post" action={linkTo(place, 'devices/new')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <fieldset class="field">
            <legend>What is it?</legend>
            <div class="picker">
              {SYSTEMS.map(({ id, label, note }) => (
                <label>
                  <input type="radio" name="system" value={id} checked={id === chosen} />
                  <span>
                    {label}
                    <span class="note">{id === here.id ? `${note} · you are on one` : note}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <Input
            form={form}
            name="name"
            label="Name"
            initial={suggested(place, here)}
            hint="Letters a-z, digits and hyphens. It becomes part of the device's identity."
            required
          />
          <Checkbox
            form={form}
            name="mine"
            label="It is mine"
            hint="You find it under My devices, and may fetch its profile again there."
          />
          <details class="fold" open={form.value('auth', 'cert') !== 'cert'}>
            <summary>How it proves itself</summary>
            <Radios form={form} name="auth" label="It proves itself by" initial="cert" choices={METHODS} />
          </details>
          <div class="buttons">
            <Button kind="main-one">Add the device</Button>
          </div>
        </form>
      </Card>
      {place.network.devices > 0 && (
        <Notice>
          <p>One profile is for one device: two devices with the same one throw each other out.</p>
        </Notice>
      )}
    </Shell>,
    form.refused ? 422 : 200,
  );
}

/** `anna-iphone`: nearly always free, and good enough to keep. */
function suggested({ session }: Place, { stem }: System): string {
  const first = session.user.name
    .toLowerCase()
    .split(/\s+/)[0]!
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '');
  return [first.slice(0, 20), stem].filter((each) => each !== '').join('-');
}
