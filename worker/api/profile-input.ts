// From the directory to what a profile is made of.

import { DEFAULT_ORGANISATION } from '../account/principal.ts';
import { viewCertificate } from '../ca/certificate.ts';
import type { Vault } from '../ca/vault.ts';
import { authorityByKeyId, rootAuthority } from '../directory/authorities.ts';
import { deploymentDomain, memberIdentity } from '../directory/names.ts';
import { gatewayNames } from '../directory/gateway.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import type { Network } from '../directory/networks.ts';
import { findOrganisation } from '../directory/organisations.ts';
import { type Proof, proofOf } from '../directory/proof.ts';
import { reachOf } from '../directory/reach.ts';
import type { Env } from '../env.ts';
import type { ProfileInput } from '../profiles/profile.ts';
import { stableUuid } from '../profiles/stable-uuid.ts';
import { formatAddress, formatPrefix } from '../../src/wire/prefix.ts';

export type ProfileOptions = Pick<ProfileInput['options'], 'fullTunnel' | 'onDemand' | 'start' | 'pkcs12Password'>;

/** @throws when the member has been revoked. Holds secrets in clear: for a profile, and for nothing else. */
export async function profileInput(
  env: Env,
  vault: Vault,
  network: Network,
  record: MemberRecord,
  options: ProfileOptions,
): Promise<ProfileInput> {
  const proof = await proofOf(env.DB, vault, record);
  return {
    gateway: await gatewayOf(env, vault),
    network: await networkOf(env.DB, network, record),
    member: await memberOf(env, network, record, proof),
    options: {
      ...options,
      organisationName: await organisationName(env.DB, network.organisation),
      uuid: (purpose) => stableUuid(record.id, purpose),
    },
  };
}

/** The organisation that is there from the start has the name of its id until somebody gives it one. */
async function organisationName(db: D1Database, id: string): Promise<string> {
  const name = (await findOrganisation(db, id))?.name ?? id;
  return name === DEFAULT_ORGANISATION ? 'Culvert' : name;
}

async function gatewayOf(env: Env, vault: Vault): Promise<ProfileInput['gateway']> {
  const { view } = await rootAuthority(env.DB, vault, Date.now());
  return {
    name: gatewayNames(env)[0]!,
    address: env.PUBLIC_ADDRESS || env.GATEWAY_NAME,
    portIke: Number(env.PORT_IKE ?? '500'),
    portNatT: Number(env.PORT_NAT_T ?? '4500'),
    caCertificates: [view.der],
    serverCertificateKind: 'ECDSA256',
    // A root has no alternative names.
    caCommonName: view.names[0] ?? '',
  };
}

async function networkOf(db: D1Database, network: Network, record: MemberRecord): Promise<ProfileInput['network']> {
  const { id, name, label, mtu, ikeLifetimeSeconds, childLifetimeSeconds } = network;
  return {
    ...{ id, name, label, mtu, ikeLifetimeSeconds, childLifetimeSeconds },
    ipv4: network.ipv4 && formatPrefix(network.ipv4),
    ipv6: network.ipv6 && formatPrefix(network.ipv6),
    dns: network.dns.map(formatAddress),
    domains: network.domains,
    reach: await reachOf(db, network, record.id),
  };
}

async function memberOf(
  env: Env,
  network: Network,
  record: MemberRecord,
  proof: Proof,
): Promise<ProfileInput['member']> {
  const { id, name, kind, auth } = record;
  return {
    ...{ id, name, kind, auth },
    identity: memberIdentity({ name, network: network.label, kind, auth }, deploymentDomain(env)),
    prefixes: record.prefixes.map(formatPrefix),
    certificate: proof.auth === 'cert' ? await certificateOf(env.DB, proof) : null,
    secret: proof.auth === 'cert' ? null : proof.secret,
  };
}

async function certificateOf(
  db: D1Database,
  { certificate, privateKey }: Extract<Proof, { auth: 'cert' }>,
): Promise<ProfileInput['member']['certificate']> {
  const view = viewCertificate(certificate)!;
  // Not always the authority that signs now.
  const issuer = await authorityByKeyId(db, view.authorityKeyId ?? '');
  return { der: certificate, pkcs8: privateKey, chain: issuer ? [issuer.view.der] : [], notAfter: view.notAfter };
}
