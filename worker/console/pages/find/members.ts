// Devices and sites by the beginning of a name or an address, and what can be done to them.

import type { MemberKind, MemberRecord } from '../../../directory/member-record.ts';
import { searchMembers } from '../../../directory/member-search.ts';
import { type ConsoleContext, linkTo, may, type Place } from '../../place.ts';
import { ASKED, type Asked, fits, questionOf } from '../device/questions.ts';
import type { Found } from './entries.ts';

const EACH = 8;

/** @param text in small letters: `lap`, `10.0.0.5`, or with what shall be done: `suspend lap`. */
export async function membersFor(c: ConsoleContext, text: string): Promise<Found[]> {
  const { place } = c.var;
  if (text === '' || !may(place, 'members:read')) return [];
  const [verb = '', ...rest] = text.split(/\s+/);
  const asked = verb.length < 3 ? undefined : ASKED.find((each) => each.startsWith(verb));
  const name = rest.join(' ');
  const [plain, acted] = await Promise.all([
    membersNamed(c, text),
    asked && may(place, 'members:write') ? membersNamed(c, name) : [],
  ]);
  return [
    ...plain.map((record) => linkOf(place, record)),
    ...acted.filter((record) => fits(asked!, record)).map((record) => deedOf(place, asked!, record)),
  ];
}

async function membersNamed(c: ConsoleContext, text: string): Promise<MemberRecord[]> {
  const { network } = c.var.place;
  if (!network) return [];
  const find = async (kind: MemberKind) =>
    (await searchMembers(c.env.DB, network, { kind, text, endsBefore: null, owner: null, after: '', limit: EACH }))
      .members;
  return (await Promise.all([find('device'), find('site')])).flat();
}

function linkOf(place: Place, { id, name, kind }: MemberRecord): Found {
  return { kind: kind === 'device' ? 'Device' : 'Site', label: name, href: linkTo(place, `${kind}s/${id}`) };
}

function deedOf(place: Place, asked: Asked, record: MemberRecord): Found {
  const label = `${questionOf(asked, record).yes} ${record.name}…`;
  return { kind: 'Action', label, href: linkTo(place, `devices/${record.id}/${asked}`) };
}
