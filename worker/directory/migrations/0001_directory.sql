-- Organisations, their networks and members, and what proves a member. Times are milliseconds.

CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

INSERT INTO organisations (id, name, created_at) VALUES ('default', 'default', unixepoch() * 1000);

-- The root has no organisation; each organisation has one intermediate. Private keys are sealed PKCS#8.
CREATE TABLE authorities (
  id TEXT PRIMARY KEY,
  organisation_id TEXT UNIQUE REFERENCES organisations (id) ON DELETE CASCADE,
  key_id TEXT NOT NULL UNIQUE,
  certificate BLOB NOT NULL,
  private_key BLOB NOT NULL,
  not_after INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE gateway_credentials (
  id TEXT PRIMARY KEY,
  names TEXT NOT NULL,
  generation INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  private_key BLOB NOT NULL,
  not_after INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (names, generation)
) STRICT;

-- Pools are prefixes as text; dns and domains are JSON arrays of text.
CREATE TABLE networks (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  name TEXT NOT NULL UNIQUE,
  ipv4 TEXT,
  ipv6 TEXT,
  mtu INTEGER NOT NULL,
  dns TEXT NOT NULL,
  domains TEXT NOT NULL,
  legacy INTEGER NOT NULL,
  ike_lifetime_seconds INTEGER NOT NULL,
  child_lifetime_seconds INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX networks_organisation ON networks (organisation_id);

-- Devices and sites. The secret is the sealed EAP password or pre-shared key.
CREATE TABLE members (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('device', 'site')),
  auth TEXT NOT NULL CHECK (auth IN ('cert', 'eap', 'psk')),
  secret BLOB,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

CREATE UNIQUE INDEX members_name ON members (network_id, name) WHERE revoked_at IS NULL;

CREATE INDEX members_past_name ON members (network_id, name, revoked_at);

-- A device's address is its pool's first address plus the position.
CREATE TABLE addresses (
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  family INTEGER NOT NULL CHECK (family IN (4, 6)),
  position INTEGER NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  released_at INTEGER,
  PRIMARY KEY (network_id, family, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX addresses_member ON addresses (member_id);

-- First and last address in hexadecimal, so that text compares as addresses do.
CREATE TABLE site_prefixes (
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  prefix TEXT NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  family INTEGER NOT NULL CHECK (family IN (4, 6)),
  first TEXT NOT NULL,
  last TEXT NOT NULL,
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  PRIMARY KEY (network_id, prefix)
) STRICT, WITHOUT ROWID;

CREATE INDEX site_prefixes_member ON site_prefixes (member_id);

-- Fingerprints are SHA-256 of the DER, in hexadecimal.
CREATE TABLE certificates (
  fingerprint TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  authority_id TEXT NOT NULL REFERENCES authorities (id),
  certificate BLOB NOT NULL,
  private_key BLOB NOT NULL,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

CREATE INDEX certificates_member ON certificates (member_id);
