-- People, how they sign in, and what they are in each organisation. Names belong to a tenant; labels to the deployment.

-- What was a name is known to everybody who holds a certificate or an identity, and stays unique: it becomes the label.
ALTER TABLE organisations RENAME COLUMN name TO label;
ALTER TABLE organisations ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE organisations SET name = label;

ALTER TABLE networks RENAME COLUMN name TO label;
ALTER TABLE networks ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE networks SET name = label;

CREATE UNIQUE INDEX networks_name ON networks (organisation_id, name);

-- The tables of better-auth (worker/account/store.ts): users, their sessions, proofs and passkeys.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  email_verified INTEGER NOT NULL,
  image TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token TEXT NOT NULL UNIQUE,
  ip_address TEXT,
  user_agent TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  password TEXT,
  access_token TEXT,
  refresh_token TEXT,
  id_token TEXT,
  access_token_expires_at INTEGER,
  refresh_token_expires_at INTEGER,
  scope TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (provider_id, account_id)
) STRICT;

CREATE INDEX accounts_user ON accounts (user_id);

CREATE TABLE verifications (
  id TEXT PRIMARY KEY,
  identifier TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX verifications_identifier ON verifications (identifier);

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT,
  public_key TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  counter INTEGER NOT NULL,
  device_type TEXT NOT NULL,
  backed_up INTEGER NOT NULL,
  transports TEXT,
  aaguid TEXT,
  created_at INTEGER
) STRICT;

CREATE INDEX passkeys_user ON passkeys (user_id);

-- Who belongs to an organisation, and as what.
CREATE TABLE people (
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'auditor', 'member')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX people_user ON people (user_id, created_at);

-- The token stands in the link only; here is its SHA-256 in hexadecimal.
CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'auditor', 'member')),
  token_hash TEXT NOT NULL UNIQUE,
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  accepted_at INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE INDEX invitations_organisation ON invitations (organisation_id, created_at);

-- Whose device it is.
ALTER TABLE members ADD COLUMN owner_user_id TEXT REFERENCES users (id) ON DELETE SET NULL;

CREATE INDEX members_owner ON members (owner_user_id) WHERE owner_user_id IS NOT NULL;
