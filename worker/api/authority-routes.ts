// /authority: the organisation's certificate authority; and renewing a member's certificate.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { fingerprintOf } from '../ca/certificate.ts';
import { emitPem } from '../ca/pem.ts';
import { type Change, changeEntry, memberTarget } from '../directory/audit.ts';
import { type Authority, authoritiesOf, organisationAuthority, rotateAuthority } from '../directory/authorities.ts';
import { findMember } from '../directory/members.ts';
import { renewCertificate } from '../directory/renew.ts';
import { readOverlapDays } from './overlap.ts';
import { networkOf, readBody, registrarOf } from './request.ts';
import { answerRefusal } from './respond.ts';
import { viewMember } from './views.ts';

export const authorityRoutes = new Hono<ApiEnv>();

const DAY_MS = 86_400_000;

/** The one that signs stands first. */
authorityRoutes.get('/authority', require('settings:read'), async (c) => {
  const { organisation } = c.var.principal;
  const { db, vault } = await registrarOf(c);
  await organisationAuthority(db, vault, organisation, Date.now());
  const authorities = await authoritiesOf(db, organisation);
  return c.json({ authorities: await Promise.all(authorities.map(view)) });
});

/** Members keep their certificates, and are to renew them before the authority that signed them is accepted no more. */
authorityRoutes.post('/authority/rotation', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const body = await readBody(c);
  const days = body.ok ? readOverlapDays(body.value) : body;
  if (!days.ok) return answerRefusal(c, days.refusal);
  const now = Date.now();
  const acceptedUntil = now + days.value * DAY_MS;
  const { db, vault } = await registrarOf(c);
  const change: Change = { action: 'authority.rotate', target: 'authority', before: null, after: { acceptedUntil } };
  const entry = changeEntry(db, principal, change, now);
  const authority = await rotateAuthority(db, vault, principal.organisation, acceptedUntil, [entry], now);
  return c.json({ authority: await view(authority) }, 201);
});

/** The certificate before is accepted for a while, and until the new one is on the device. */
authorityRoutes.post('/networks/:network/members/:member/certificate', require('members:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const record = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!record.ok) return answerRefusal(c, record.refusal);
  const { kind, name, certificate } = record.value;
  const now = Date.now();
  const registrar = await registrarOf(c);
  const target = memberTarget(kind, network.value, name);
  const change: Change = { action: 'certificate.renew', target, before: certificate, after: null };
  const entry = changeEntry(c.env.DB, c.var.principal, change, now);
  const renewed = await renewCertificate(registrar, network.value, record.value, [entry], now);
  if (!renewed.ok) return answerRefusal(c, renewed.refusal);
  return c.json({ member: viewMember(renewed.value, network.value, registrar.domain) }, 201);
});

async function view({ view: { der, subjectText, notBefore, notAfter }, acceptedUntil }: Authority) {
  const fingerprint = await fingerprintOf(der);
  return { subject: subjectText, fingerprint, notBefore, notAfter, acceptedUntil, pem: emitPem('CERTIFICATE', der) };
}
