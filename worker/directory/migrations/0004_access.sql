-- Who may reach what: groups of members, and the policy of each network with its history. A network without a policy allows everything.

CREATE TABLE groups (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (network_id, name)
) STRICT;

CREATE TABLE group_members (
  group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (group_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_members_member ON group_members (member_id, group_id);

-- The version counts changes of the rules, the epoch those of memberships too. Rules are a JSON array (worker/directory/policy-rules.ts).
CREATE TABLE policies (
  network_id TEXT PRIMARY KEY REFERENCES networks (id) ON DELETE CASCADE,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  default_access TEXT NOT NULL CHECK (default_access IN ('allow', 'deny')),
  rules TEXT NOT NULL
) STRICT;

CREATE TABLE policy_versions (
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  default_access TEXT NOT NULL CHECK (default_access IN ('allow', 'deny')),
  rules TEXT NOT NULL,
  who TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (network_id, version)
) STRICT, WITHOUT ROWID;
