// A member's profile in one of the formats: as it is answered, and as the one file that a person saves.

import { Vault } from '../ca/vault.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { shorten } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { done, inField, refuse, type Result } from '../directory/refusal.ts';
import { typedPasswordOf } from '../directory/secret.ts';
import type { Env } from '../env.ts';
import { findFormat, PROFILE_FORMATS, whyNot } from '../profiles/formats.ts';
import type { ProfileFormat, ProfileInput } from '../profiles/profile.ts';
import { profileInput } from './profile-input.ts';
import { tar } from './tar.ts';

/** What is handed out by a one-time link. */
export interface Handout {
  readonly format: ProfileFormat;
  readonly steps: readonly string[];
  /** Of the file, where the system asks for it; null: for none. */
  readonly password: string | null;
  /** How the file's name ends. */
  readonly extension: string;
  make(now: number): Download;
}

export interface Download {
  readonly mime: string;
  readonly content: Uint8Array;
}

export function knownFormat(id: string): Result<ProfileFormat> {
  const format = findFormat(id);
  if (format) return done(format);
  const known = PROFILE_FORMATS.map((each) => each.id).join(', ');
  const message = `There are no profiles in the format '${shorten(id)}'.`;
  return inField(refuse('unknown-format', message, `The formats are: ${known}.`), 'format');
}

export function fittingFormat(format: ProfileFormat, input: ProfileInput): Result<null> {
  const reason = whyNot(format, input);
  if (reason === null) return done(null);
  const others = PROFILE_FORMATS.filter((other) => whyNot(other, input) === null).map(({ id }) => id);
  return inField(refuse('unfit-format', reason, `Formats for it: ${others.join(', ')}.`), 'format');
}

/** @param token of the link: the password of the file hangs from it. */
export async function handout(
  env: Env,
  network: Network,
  record: MemberRecord,
  format: ProfileFormat,
  token: string,
): Promise<Result<Handout>> {
  const password = record.auth === 'cert' && !format.enclosesPassword ? typedPasswordOf(token) : null;
  const options = { start: record.kind === 'site', fullTunnel: false, onDemand: false, pkcs12Password: password };
  const input = await profileInput(env, await Vault.open(env.DEPLOYMENT_KEY), network, record, options);
  const fits = fittingFormat(format, input);
  if (!fits.ok) return fits;
  const files = format.make(input);
  const single = files.length === 1;
  return done({
    ...{ format, password, steps: format.steps(input) },
    extension: single ? format.extension : 'tar',
    make: (now) =>
      single
        ? { mime: files[0]!.mime, content: files[0]!.content }
        : { mime: 'application/x-tar', content: tar(files, now) },
  });
}
