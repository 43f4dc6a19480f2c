// One-time links to profiles: made by who looks after devices, and by members for devices of their own (/mine).

import { Hono } from 'hono';
import { renderSVG } from 'uqr';
import { type ApiEnv, type Principal, require } from '../account/principal.ts';
import { consoleOrigin } from '../account/session.ts';
import { type Change, memberTarget, recordChange } from '../directory/audit.ts';
import { listLinks, makeLink } from '../directory/links.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { devicesOwnedBy, findMember } from '../directory/members.ts';
import { deploymentDomain } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import type { ProfileFormat } from '../profiles/profile.ts';
import { Fields } from './fields.ts';
import { handout, knownFormat } from './profile-file.ts';
import { networkOf, readBody } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';
import { viewMember } from './views.ts';

export const linkRoutes = new Hono<ApiEnv>();

const USUAL_HOURS = 24;
const LONGEST_HOURS = 7 * 24;
const HOUR_MS = 3_600_000;

linkRoutes.get('/networks/:network/members/:member/links', require('members:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const record = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!record.ok) return answerRefusal(c, record.refusal);
  const links = await listLinks(c.env.DB, record.value.id);
  return c.json({
    links: links.map(({ format, createdBy, createdAt, expiresAt, takenAt }) => {
      return { format, createdBy, createdAt, expiresAt, takenAt };
    }),
  });
});

linkRoutes.post('/networks/:network/members/:member/links', require('members:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const record = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  return record.ok ? answerLink(c, network.value, record.value) : answerRefusal(c, record.refusal);
});

linkRoutes.get('/mine', async (c) => {
  const { organisation, user } = c.var.principal;
  const own = user ? await devicesOwnedBy(c.env.DB, organisation, user.id) : [];
  const domain = deploymentDomain(c.env);
  return c.json({ devices: own.map(({ network, record }) => viewMember(record, network, domain)) });
});

linkRoutes.post('/mine/:member/links', async (c) => {
  const own = await ownDevice(c.env.DB, c.var.principal, c.req.param('member'));
  return own.ok ? answerLink(c, own.value.network, own.value.record) : answerRefusal(c, own.refusal);
});

async function ownDevice(
  db: D1Database,
  { organisation, user }: Principal,
  id: string,
): Promise<Result<{ network: Network; record: MemberRecord }>> {
  const own = user ? await devicesOwnedBy(db, organisation, user.id) : [];
  const found = own.find(({ record }) => record.id === id);
  return found
    ? done(found)
    : refuse('unknown-device', 'You have no device with this id.', "List yours: 'GET /api/mine'.");
}

/** The link, and the same as a QR code; told this once. */
async function answerLink(c: ApiContext, network: Network, record: MemberRecord): Promise<Response> {
  const body = await readBody(c);
  const input = body.ok ? readLink(body.value) : body;
  if (!input.ok) return answerRefusal(c, input.refusal);
  const { principal } = c.var;
  const now = Date.now();
  const { hours } = input.value;
  const fits = await handout(c.env, network, record, input.value.format, '');
  if (!fits.ok) return answerRefusal(c, fits.refusal);
  const format = input.value.format.id;
  const expiresAt = now + hours * HOUR_MS;
  const link = {
    organisation: principal.organisation,
    member: record.id,
    format,
    createdBy: principal.label,
    expiresAt,
  };
  const token = await makeLink(c.env.DB, link, now);
  const made = await handout(c.env, network, record, input.value.format, token);
  if (!made.ok) return answerRefusal(c, made.refusal);
  const target = memberTarget(record.kind, network, record.name);
  const change: Change = { action: 'profile.link', target, before: null, after: { format, expiresAt } };
  await recordChange(c.env.DB, principal, change, now);
  const url = `${consoleOrigin(c.env, c.req.raw)}/p/${token}`;
  const { steps, password } = made.value;
  return c.json({ link: url, qr: renderSVG(url), format, expiresAt, steps, password }, 201);
}

function readLink(body: unknown): Result<{ format: ProfileFormat; hours: number }> {
  const fields = new Fields(body, ['format', 'hours']);
  const format = knownFormat(fields.string('format') ?? '');
  if (!format.ok) fields.refuse(format);
  const hours = fields.integer('hours', 1, LONGEST_HOURS, 'hours') ?? USUAL_HOURS;
  if (!format.ok) return fields.refused ?? format;
  return fields.refused ?? done({ format: format.value, hours });
}
