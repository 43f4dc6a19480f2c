// /networks/:network/members/:member/profile: what a member's machine takes to connect.

import { Buffer } from 'node:buffer';
import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { rootAuthority } from '../directory/authorities.ts';
import { gatewayNames } from '../directory/gateway.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { findMember } from '../directory/members.ts';
import { shorten } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { proofOf } from '../directory/proof.ts';
import { refuse, type Result, done } from '../directory/refusal.ts';
import { familiesOf } from '../directory/static-routes.ts';
import type { Env } from '../env.ts';
import { type GatewayAddress, type ProfileFile, SWANCTL_FOLDERS, swanctlProfile } from '../profiles/swanctl.ts';
import type { ProfileView } from './json.ts';
import { networkOf, registrarOf } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const profileRoutes = new Hono<ApiEnv>();

profileRoutes.get('/members/:member/profile', require('members:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const record = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!record.ok) return answerRefusal(c, record.refusal);
  const start = readStart(c, record.value);
  if (!start.ok) return answerRefusal(c, start.refusal);
  const files = await profile(c, network.value, record.value, start.value);
  const view: ProfileView = {
    files: files.map(({ path, mode, content }) => ({ path, mode, content: Buffer.from(content).toString('base64') })),
    folders: SWANCTL_FOLDERS,
  };
  return c.json(view);
});

/** Whether the member connects by itself: a site does unless told, a device when told. */
function readStart(c: ApiContext, record: MemberRecord): Result<boolean> {
  const format = c.req.query('format') ?? 'swanctl';
  if (format !== 'swanctl') {
    return refuse(
      'unknown-format',
      `There are no profiles in the format '${shorten(format)}'.`,
      "The format here is 'swanctl', for strongSwan.",
    );
  }
  const start = c.req.query('start') ?? (record.kind === 'site' ? 'yes' : 'no');
  if (start === 'yes' || start === 'no') return done(start === 'yes');
  return refuse(
    'bad-value',
    `'start' is '${shorten(start)}', but it takes yes or no.`,
    'Send one of these, or leave it out.',
  );
}

async function profile(c: ApiContext, network: Network, record: MemberRecord, start: boolean): Promise<ProfileFile[]> {
  const { db, vault, domain } = await registrarOf(c);
  const root = await rootAuthority(db, vault, Date.now());
  const proof = await proofOf(db, vault, record);
  const families = await familiesOf(db, network);
  return swanctlProfile({
    network,
    record,
    proof,
    domain,
    families,
    start,
    gateway: gatewayAddress(c.env, root.view.der),
  });
}

function gatewayAddress(env: Env, root: Uint8Array): GatewayAddress {
  const usual = (env.PORT_IKE ?? '500') === '500' && (env.PORT_NAT_T ?? '4500') === '4500';
  return {
    identity: gatewayNames(env)[0]!,
    address: env.PUBLIC_ADDRESS || env.GATEWAY_NAME,
    port: usual ? null : Number(env.PORT_NAT_T ?? '4500'),
    root,
  };
}
