// /networks/:network/members/:member/profile: what a member's machine takes to connect.

import { Buffer } from 'node:buffer';
import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { memberTarget, recordChange } from '../directory/audit.ts';
import { findMember } from '../directory/members.ts';
import { shorten } from '../directory/names.ts';
import { refuse, type Result, done } from '../directory/refusal.ts';
import { SWANCTL_FOLDERS } from '../profiles/swanctl.ts';
import type { ProfileView } from './json.ts';
import { checkFormat, profileFiles } from './profile-file.ts';
import { networkOf } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const profileRoutes = new Hono<ApiEnv>();

profileRoutes.get('/members/:member/profile', require('members:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const record = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!record.ok) return answerRefusal(c, record.refusal);
  const start = readStart(c, record.value);
  if (!start.ok) return answerRefusal(c, start.refusal);
  const files = await profileFiles(c.env, network.value, record.value, start.value);
  const target = memberTarget(record.value.kind, network.value, record.value.name);
  const after = { format: c.req.query('format') ?? 'swanctl' };
  const change = { action: 'profile.fetch', target, before: null, after };
  await recordChange(c.env.DB, c.var.principal, change, Date.now());
  const view: ProfileView = {
    files: files.map(({ path, mode, content }) => ({ path, mode, content: Buffer.from(content).toString('base64') })),
    folders: SWANCTL_FOLDERS,
  };
  return c.json(view);
});

/** Whether the member connects by itself: a site does unless told, a device when told. */
function readStart(c: ApiContext, record: MemberRecord): Result<boolean> {
  const format = checkFormat(c.req.query('format') ?? 'swanctl');
  if (!format.ok) return format;
  const start = c.req.query('start') ?? (record.kind === 'site' ? 'yes' : 'no');
  if (start === 'yes' || start === 'no') return done(start === 'yes');
  return refuse(
    'bad-value',
    `'start' is '${shorten(start)}', but it takes yes or no.`,
    'Send one of these, or leave it out.',
  );
}
