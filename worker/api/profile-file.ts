// A member's profile as files, and as the one file that a person saves.

import type { MemberRecord } from '../directory/member-record.ts';
import { shorten } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { done, inField, refuse, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { findFormat, PROFILE_FORMATS, whyNot } from '../profiles/formats.ts';
import type { ProfileFile, ProfileFormat, ProfileInput } from '../profiles/profile.ts';
import { type ProfileOptions, profileInput } from './profile-input.ts';
import { registrarFor } from './request.ts';
import { tar } from './tar.ts';

/** A profile before its files are made. */
export interface Profile {
  readonly format: ProfileFormat;
  readonly input: ProfileInput;
}

/** What a person saves. */
export interface Download {
  readonly name: string;
  readonly mime: string;
  readonly content: Uint8Array;
}

export function checkFormat(id: string): Result<ProfileFormat> {
  const format = findFormat(id);
  if (format) return done(format);
  const known = PROFILE_FORMATS.map((each) => each.id).join(', ');
  const message = `There are no profiles in the format '${shorten(id)}'.`;
  return inField(refuse('unknown-format', message, `The formats are: ${known}.`), 'format');
}

/** Refused when the format is not for such a member. */
export async function profileOf(
  env: Env,
  network: Network,
  record: MemberRecord,
  format: ProfileFormat,
  options: ProfileOptions,
): Promise<Result<Profile>> {
  const { vault } = await registrarFor(env);
  const input = await profileInput(env, vault, network, record, options);
  const reason = whyNot(format, input);
  if (reason === null) return done({ format, input });
  const others = PROFILE_FORMATS.filter((other) => whyNot(other, input) === null).map(({ id }) => id);
  return inField(refuse('unfit-format', reason, `Formats for it: ${others.join(', ')}.`), 'format');
}

/** What is chosen for somebody who was asked nothing. @param password of the PKCS#12 file, should the format have one to be typed. */
export function usualOptions(record: MemberRecord, format: ProfileFormat, password: string): ProfileOptions {
  return {
    ...{ start: record.kind === 'site', fullTunnel: false, onDemand: false },
    pkcs12Password: isTyped(record, format) ? password : null,
  };
}

/** Whether somebody must type the password of the certificate. */
export function isTyped({ auth }: Pick<MemberRecord, 'auth'>, format: ProfileFormat): boolean {
  return auth === 'cert' && !format.enclosesPassword;
}

/** One file as it is, several as an archive. */
export function profileDownload({ format, input }: Profile, now: number): Download {
  const files = format.make(input);
  const [only] = files;
  const name = `${input.member.name}.${downloadExtension(files, format)}`;
  if (files.length === 1 && only) return { name, mime: only.mime, content: only.content };
  return { name, mime: 'application/x-tar', content: tar(files, now) };
}

function downloadExtension(files: readonly ProfileFile[], format: ProfileFormat): string {
  return files.length === 1 ? format.extension : 'tar';
}
