// Groups of a network's members, which rules name in place of each: added, renamed, filled, removed.

import { LIMITS } from '../../src/policy/policy.ts';
import { brokenConstraint } from './constraint.ts';
import { shorten } from './names.ts';
import type { Network } from './networks.ts';
import { nextEpoch, readPolicy, rulesNaming } from './policies.ts';
import { done, inField, type Refused, refuse, type Result } from './refusal.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
  /** How many that are not revoked. */
  readonly members: number;
  readonly createdAt: number;
}

export interface GroupMember {
  readonly id: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
}

const PAGE = 500;

/** Members are counted as they come and go. */
const SELECT_GROUP = 'SELECT g.id, g.name, g.created_at AS createdAt, g.members FROM groups g';

/** By name; a network has few enough for one page. */
export async function listGroups(db: D1Database, network: Pick<Network, 'id'>): Promise<Group[]> {
  const query = db.prepare(`${SELECT_GROUP} WHERE g.network_id = ? ORDER BY g.name LIMIT ?`);
  return (await query.bind(network.id, LIMITS.groups).all<Group>()).results;
}

/** The groups that a member is in, by name. */
export async function groupsOfMember(db: D1Database, member: string): Promise<Group[]> {
  const query = db.prepare(
    `${SELECT_GROUP} WHERE g.id IN (SELECT group_id FROM group_members WHERE member_id = ?) ORDER BY g.name`,
  );
  return (await query.bind(member).all<Group>()).results;
}

export async function findGroup(db: D1Database, network: Network, name: string): Promise<Result<Group>> {
  const query = db.prepare(`${SELECT_GROUP} WHERE g.network_id = ? AND g.name = ?`).bind(network.id, name);
  const group = await query.first<Group>();
  if (group) return done(group);
  return refuse(
    'unknown-group',
    `The network '${network.name}' has no group '${shorten(name)}'.`,
    "List them with 'culvert group list', or add it with 'culvert group add'.",
  );
}

export async function addGroup(db: D1Database, network: Network, name: string, now: number): Promise<Result<Group>> {
  const group: Group = { id: crypto.randomUUID(), name, members: 0, createdAt: now };
  const insertion = db
    .prepare(
      `INSERT INTO groups (id, organisation_id, network_id, name, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM groups WHERE network_id = ?3) < ?6`,
    )
    .bind(group.id, network.organisation, network.id, name, now, LIMITS.groups);
  try {
    const { meta } = await insertion.run();
    return meta.changes > 0 ? done(group) : tooMany(network);
  } catch (thrown) {
    if (!brokenConstraint(thrown)?.includes('groups.name')) throw thrown;
    return nameTaken(network, name);
  }
}

/** Rules name it by id, and go on to. */
export async function renameGroup(
  db: D1Database,
  network: Network,
  group: Group,
  name: string,
): Promise<Result<Group>> {
  try {
    await db.prepare('UPDATE groups SET name = ? WHERE id = ?').bind(name, group.id).run();
    return done({ ...group, name });
  } catch (thrown) {
    if (!brokenConstraint(thrown)?.includes('groups.name')) throw thrown;
    return nameTaken(network, name);
  }
}

/** Only one that no rule names, so that no rule changes its meaning by a slip. */
export async function removeGroup(db: D1Database, network: Network, group: Group): Promise<Result<null>> {
  const { rules } = await readPolicy(db, network);
  const naming = rulesNaming(rules, group.id);
  if (naming.length > 0) {
    return refuse(
      'group-in-use',
      `The group '${group.name}' is named by ${naming.length === 1 ? 'rule' : 'rules'} ${naming.join(', ')} of the policy.`,
      'Change the policy first.',
    );
  }
  await db.batch([db.prepare('DELETE FROM groups WHERE id = ?').bind(group.id), nextEpoch(db, network)]);
  return done(null);
}

/** By name, those that are not revoked. */
export async function listGroupMembers(
  db: D1Database,
  group: Pick<Group, 'id'>,
  { after = '', limit = PAGE }: { readonly after?: string; readonly limit?: number } = {},
): Promise<{ readonly members: readonly GroupMember[]; readonly next: string | null }> {
  const query = db
    .prepare(
      `SELECT m.id, m.name, m.kind FROM group_members gm INDEXED BY group_members_name CROSS JOIN members m ON m.id = gm.member_id
       WHERE gm.group_id = ? AND gm.name > ? ORDER BY gm.name LIMIT ?`,
    )
    .bind(group.id, after, limit + 1);
  const rows = (await query.all<GroupMember>()).results;
  const members = rows.slice(0, limit);
  return { members, next: rows.length > limit ? members.at(-1)!.name : null };
}

/** Who is in it already stays in it. All of them, or none where one is not known. */
export async function addToGroup(
  db: D1Database,
  network: Network,
  group: Group,
  members: readonly string[],
  now: number,
): Promise<Result<readonly GroupMember[]>> {
  const found = await membersNamed(db, network, members);
  if (!found.ok) return found;
  const full = await fullMembers(db, group, found.value);
  if (full) return full;
  const insertion = db
    .prepare(
      `INSERT OR IGNORE INTO group_members (group_id, member_id, organisation_id, network_id, created_at)
       SELECT ?1, value, ?2, ?3, ?4 FROM json_each(?5)`,
    )
    .bind(group.id, network.organisation, network.id, now, JSON.stringify(found.value.map(({ id }) => id)));
  await db.batch([insertion, nextEpoch(db, network)]);
  return found;
}

/** Who is not in it stays out of it. */
export async function removeFromGroup(
  db: D1Database,
  network: Network,
  group: Group,
  member: string,
): Promise<Result<GroupMember>> {
  const found = await membersNamed(db, network, [member]);
  if (!found.ok) return found;
  const one = found.value[0]!;
  const removal = db.prepare('DELETE FROM group_members WHERE group_id = ? AND member_id = ?').bind(group.id, one.id);
  await db.batch([removal, nextEpoch(db, network)]);
  return done(one);
}

async function membersNamed(
  db: D1Database,
  network: Network,
  names: readonly string[],
): Promise<Result<GroupMember[]>> {
  const query = db
    .prepare(
      `SELECT id, name, kind FROM members
       WHERE network_id = ? AND revoked_at IS NULL AND name IN (SELECT value FROM json_each(?)) ORDER BY name`,
    )
    .bind(network.id, JSON.stringify(names));
  const { results } = await query.all<GroupMember>();
  const missing = names.find((name) => !results.some((member) => member.name === name));
  if (missing === undefined) return done(results);
  return refuse(
    'unknown-member',
    `The network '${network.name}' has no device or site '${shorten(missing)}'.`,
    "List them with 'culvert device list' and 'culvert site list'.",
  );
}

/** A member's groups go with it wherever a packet of it is looked at, so they are bounded. */
async function fullMembers(db: D1Database, group: Group, members: readonly GroupMember[]): Promise<Refused | null> {
  const query = db
    .prepare(
      `SELECT m.name FROM group_members gm JOIN members m ON m.id = gm.member_id
       WHERE gm.member_id IN (SELECT value FROM json_each(?)) AND gm.group_id <> ? GROUP BY m.id HAVING count(*) >= ? LIMIT 1`,
    )
    .bind(JSON.stringify(members.map(({ id }) => id)), group.id, LIMITS.groupsOfMember);
  const full = await query.first<{ name: string }>();
  if (!full) return null;
  return refuse(
    'too-many-groups',
    `'${full.name}' is in ${LIMITS.groupsOfMember} groups, which is as many as a member can be in.`,
    'Take it out of another group first.',
  );
}

function tooMany(network: Network): Refused {
  return refuse(
    'too-many-groups',
    `The network '${network.name}' has ${LIMITS.groups} groups, which is as many as there can be.`,
    'Remove one that is not used.',
  );
}

function nameTaken(network: Network, name: string): Refused {
  const message = `The network '${network.name}' has a group '${name}' already.`;
  return inField(refuse('name-taken', message, 'Choose another name, or use that group.'), 'name');
}
