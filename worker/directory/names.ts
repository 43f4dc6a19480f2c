// Names: of networks, devices and sites, and the identities made of them.

import type { Env } from '../env.ts';
import { done, refuse, type Result } from './refusal.ts';

const LONGEST = 32;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Of a member of a network, as identities are made of it. */
export interface MemberName {
  readonly name: string;
  /** The network's label. */
  readonly network: string;
}

/** @param what `network`, `device` or `site`. */
export function checkName(what: string, text: string): Result<string> {
  if (SLUG.test(text)) return done(text);
  const better = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '');
  const example = SLUG.test(better) ? better : `my-${what}`;
  return refuse(
    'bad-name',
    `'${shorten(text)}' cannot be the name of a ${what}: it becomes part of its identity, so it takes 1 to ${LONGEST} letters a-z, digits and inner hyphens.`,
    `Choose another name, such as '${example}'.`,
  );
}

/** The EAP user name and the rfc822Name of a member's certificate. */
export function mailIdentity({ name, network }: MemberName): string {
  return `${name}@${network}`;
}

/** The FQDN identity: of pre-shared keys, and the dNSName of a member's certificate. */
export function fqdnIdentity({ name, network }: MemberName, domain: string): string {
  return `${name}.${network}.${domain}`;
}

/** What a member calls itself in IKE: sites and all with a pre-shared key a host name, as routers are used to. */
export function memberIdentity(
  member: MemberName & { readonly kind: string; readonly auth: string },
  domain: string,
): string {
  return member.kind === 'site' || member.auth === 'psk' ? fqdnIdentity(member, domain) : mailIdentity(member);
}

/** @returns whose identity the text is in either form; host names compare without regard to case (RFC 4343). */
export function readIdentity(text: string, domain: string): MemberName | null {
  const lower = comparable(text);
  const match =
    /^([^.@]+)@([^.@]+)$/.exec(lower) ??
    (lower.endsWith(`.${domain}`) ? /^([^.@]+)\.([^.@]+)$/.exec(lower.slice(0, -domain.length - 1)) : null);
  if (match === null || !SLUG.test(match[1]!) || !SLUG.test(match[2]!)) return null;
  return { name: match[1]!, network: match[2]! };
}

/** Lower case, without the dot of the root. */
export function comparable(identity: string): string {
  return identity.toLowerCase().replace(/\.$/, '');
}

export function deploymentDomain(env: Pick<Env, 'DEPLOYMENT_DOMAIN'>): string {
  return comparable(env.DEPLOYMENT_DOMAIN || 'culvert');
}

/** User input in a message: no longer than a line. */
export function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
