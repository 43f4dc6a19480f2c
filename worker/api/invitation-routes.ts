// /invitations: by link, for one e-mail address each.

import { Hono } from 'hono';
import { canMail, sendMail } from '../account/mail.ts';
import { type ApiEnv, require } from '../account/principal.ts';
import { mayMailOthers } from '../account/proof-of-address.ts';
import { consoleOrigin } from '../account/session.ts';
import { mailLimit } from '../account/limits.ts';
import { type Change, recordChange } from '../directory/audit.ts';
import { checkEmail } from '../directory/email.ts';
import { invite, listInvitations, revokeInvitation } from '../directory/invitations.ts';
import { findOrganisation } from '../directory/organisations.ts';
import { Fields } from './fields.ts';
import { ownersOnly, readRole } from './people-routes.ts';
import { readBody } from './request.ts';
import { answerRefusal } from './respond.ts';

export const invitationRoutes = new Hono<ApiEnv>();

invitationRoutes.get('/', require('people:read'), async (c) => {
  return c.json({ invitations: await listInvitations(c.env.DB, c.var.principal.organisation, Date.now()) });
});

/** The link is told to whoever invites, this once, whether a mail goes out or not; who has proved no address has to hand it over. */
invitationRoutes.post('/', require('people:write'), async (c) => {
  const { principal } = c.var;
  const body = await readBody(c);
  if (!body.ok) return answerRefusal(c, body.refusal);
  const fields = new Fields(body.value, ['email', 'role']);
  const email = checkEmail(fields.string('email') ?? '');
  if (!email.ok) fields.refuse(email);
  const role = readRole(fields);
  const now = Date.now();
  const address = email.ok ? email.value : '';
  const refused = fields.refused ?? ownersOnly(principal, role) ?? (await mailLimit(c.env, address, now));
  if (refused) return answerRefusal(c, refused.refusal);
  const input = { organisation: principal.organisation, email: address, role, invitedBy: principal.label };
  const { invitation, token } = await invite(c.env.DB, input, now);
  const change: Change = { action: 'invitation.make', target: `invitation ${address}`, before: null, after: { role } };
  await recordChange(c.env.DB, principal, change, now);
  const link = `${consoleOrigin(c.env, c.req.raw)}/sign-up?invitation=${token}`;
  const name = (await findOrganisation(c.env.DB, principal.organisation))?.name ?? '';
  const mail = {
    to: address,
    subject: 'An invitation to Culvert',
    text: `${principal.label} invites you to the organisation '${name}'.\n\nAccept within seven days:\n${link}\n`,
  };
  const isWithheld = canMail(c.env) && !(await mayMailOthers(c.env, principal));
  const delivery = isWithheld ? 'withheld' : await sendMail(c.env, mail);
  return c.json({ invitation, link, delivery }, 201);
});

invitationRoutes.delete('/:invitation', require('people:write'), async (c) => {
  const { principal } = c.var;
  const now = Date.now();
  const revoked = await revokeInvitation(c.env.DB, principal.organisation, c.req.param('invitation'), now);
  if (!revoked.ok) return answerRefusal(c, revoked.refusal);
  const { id, email, role } = revoked.value;
  const change: Change = { action: 'invitation.revoke', target: `invitation ${email}`, before: { role }, after: null };
  await recordChange(c.env.DB, principal, change, now);
  return c.json({ revoked: id });
});
