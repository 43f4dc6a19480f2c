// /networks/:network/members/:member/profile: what a member's machine takes to connect.

import { Buffer } from 'node:buffer';
import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { type Change, memberTarget, recordChange } from '../directory/audit.ts';
import { findMember } from '../directory/members.ts';
import { shorten } from '../directory/names.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { makeTypedPassword } from '../directory/secret.ts';
import type { ProfileFormat, ProfileInput } from '../profiles/profile.ts';
import { SWANCTL_FOLDERS } from '../profiles/swanctl.ts';
import type { ProfileView } from './json.ts';
import { fittingFormat, knownFormat } from './profile-file.ts';
import { type ProfileOptions, profileInput } from './profile-input.ts';
import { networkOf, registrarOf } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const profileRoutes = new Hono<ApiEnv>();

profileRoutes.get('/members/:member/profile', require('members:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const record = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!record.ok) return answerRefusal(c, record.refusal);
  const format = knownFormat(c.req.query('format') ?? 'swanctl');
  if (!format.ok) return answerRefusal(c, format.refusal);
  const options = readOptions(c, record.value, format.value);
  if (!options.ok) return answerRefusal(c, options.refusal);
  const { vault } = await registrarOf(c);
  const input = await profileInput(c.env, vault, network.value, record.value, options.value);
  const fits = fittingFormat(format.value, input);
  if (!fits.ok) return answerRefusal(c, fits.refusal);
  const view = viewOf(format.value, input);
  const target = memberTarget(record.value.kind, network.value, record.value.name);
  const change: Change = { action: 'profile.fetch', target, before: null, after: { format: format.value.id } };
  await recordChange(c.env.DB, c.var.principal, change, Date.now());
  return c.json(view);
});

function viewOf(format: ProfileFormat, input: ProfileInput): ProfileView {
  return {
    files: format.make(input).map(({ path, mode, mime, content }) => ({
      ...{ path, mode, mime },
      content: Buffer.from(content).toString('base64'),
    })),
    folders: format.id === 'swanctl' ? SWANCTL_FOLDERS : [],
    steps: format.steps(input),
    password: input.options.pkcs12Password,
  };
}

/** Whether the member connects by itself: a site does unless told, a device when told. */
function readOptions(c: ApiContext, record: MemberRecord, format: ProfileFormat): Result<ProfileOptions> {
  const start = readYesNo(c, 'start', record.kind === 'site');
  if (!start.ok) return start;
  const fullTunnel = readYesNo(c, 'fullTunnel', false);
  if (!fullTunnel.ok) return fullTunnel;
  const onDemand = readYesNo(c, 'onDemand', false);
  if (!onDemand.ok) return onDemand;
  const typed = record.auth === 'cert' && !format.enclosesPassword;
  return done({
    ...{ start: start.value, fullTunnel: fullTunnel.value, onDemand: onDemand.value },
    pkcs12Password: typed ? makeTypedPassword() : null,
  });
}

function readYesNo(c: ApiContext, name: string, otherwise: boolean): Result<boolean> {
  const given = c.req.query(name);
  if (given === undefined) return done(otherwise);
  if (given === 'yes' || given === 'no') return done(given === 'yes');
  return refuse(
    'bad-value',
    `'${name}' is '${shorten(given)}', but it takes yes or no.`,
    'Send one of these, or leave it out.',
  );
}
