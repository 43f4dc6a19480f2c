// A member's profile as files, and as the one file that is handed out.

import { utf8 } from '../../src/bytes/octets.ts';
import { rootAuthority } from '../directory/authorities.ts';
import { gatewayNames } from '../directory/gateway.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { shorten } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { proofOf } from '../directory/proof.ts';
import { done, inField, refuse, type Result } from '../directory/refusal.ts';
import { familiesOf } from '../directory/static-routes.ts';
import type { Env } from '../env.ts';
import { type GatewayAddress, type ProfileFile, swanctlProfile } from '../profiles/swanctl.ts';
import { registrarFor } from './request.ts';
import { tar } from './tar.ts';

/** What a person saves. */
export interface Download {
  readonly name: string;
  readonly mime: string;
  readonly content: Uint8Array;
}

export const FORMATS = ['swanctl'] as const;

export function checkFormat(format: string): Result<string> {
  if ((FORMATS as readonly string[]).includes(format)) return done(format);
  const message = `There are no profiles in the format '${shorten(format)}'.`;
  return inField(refuse('unknown-format', message, "The format here is 'swanctl', for strongSwan."), 'format');
}

export async function profileFiles(
  env: Env,
  network: Network,
  record: MemberRecord,
  start: boolean,
): Promise<ProfileFile[]> {
  const { db, vault, domain } = await registrarFor(env);
  const root = await rootAuthority(db, vault, Date.now());
  const proof = await proofOf(db, vault, record);
  const families = await familiesOf(db, network);
  const gateway = gatewayAddress(env, root.view.der);
  return swanctlProfile({ network, record, proof, domain, families, start, gateway });
}

/** What a person does with the file, and how its name ends. */
export async function profileSteps(
  _env: Env,
  { name }: Network,
  _record: MemberRecord,
  _format: string,
): Promise<{ readonly extension: string; readonly steps: readonly string[] }> {
  const steps = [
    'Fetch the file, and copy it to the machine that shall connect.',
    'Unpack it there as root: tar -x -f FILE -C /etc/swanctl',
    `Load it and connect: swanctl --load-all && swanctl --initiate --child ${name}`,
  ];
  return { extension: 'tar', steps };
}

/** @param format one that checkFormat takes. */
export async function profileDownload(
  env: Env,
  network: Network,
  record: MemberRecord,
  _format: string,
  now: number,
): Promise<Download> {
  const files = await profileFiles(env, network, record, record.kind === 'site');
  const entries = files.map(({ path, mode, content }) => ({ path, mode, content: utf8(content) }));
  return { name: `${record.name}-swanctl.tar`, mime: 'application/x-tar', content: tar(entries, now) };
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
