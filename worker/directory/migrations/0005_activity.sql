-- What was changed and by whom, what programs hold and are told, and what keeps lists short at any size.

-- Who did what to what; before and after are JSON without secrets.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  before TEXT,
  after TEXT
) STRICT;

CREATE INDEX audit_organisation ON audit (organisation_id, id);
CREATE INDEX audit_target ON audit (organisation_id, target, id);

-- The token itself is told once; here is its SHA-256 in hexadecimal. Scopes are a JSON array of text.
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE UNIQUE INDEX api_tokens_name ON api_tokens (organisation_id, name) WHERE revoked_at IS NULL;

-- Links by which a profile is fetched once.
CREATE TABLE links (
  token_hash TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  format TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  taken_at INTEGER,
  taken_by TEXT
) STRICT;

CREATE INDEX links_member ON links (member_id, created_at);
CREATE INDEX links_expiry ON links (expires_at);

-- The secret is sealed; events are a JSON array of text.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  secret BLOB NOT NULL,
  events TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX webhooks_organisation ON webhooks (organisation_id, created_at);

-- due_at is when it is tried next; null when it was delivered or given up.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  delivered_at INTEGER,
  status INTEGER,
  failure TEXT
) STRICT;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, created_at);

-- A bucket is a hash of what is limited and of who; it is empty again at the time given.
CREATE TABLE rate_limits (
  bucket TEXT PRIMARY KEY,
  empty_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_limits_empty ON rate_limits (empty_at);

-- An organisation has one authority that signs, and may have older ones that are accepted for a while.
ALTER TABLE authorities RENAME COLUMN organisation_id TO signs_for;
ALTER TABLE authorities ADD COLUMN organisation_id TEXT REFERENCES organisations (id);
ALTER TABLE authorities ADD COLUMN accepted_until INTEGER;
UPDATE authorities SET organisation_id = signs_for;

CREATE INDEX authorities_organisation ON authorities (organisation_id, created_at);

-- A certificate that another one has taken the place of is accepted until then.
ALTER TABLE certificates ADD COLUMN accepted_until INTEGER;

-- The fewest days before its end of which somebody was told.
ALTER TABLE certificates ADD COLUMN warned_days INTEGER;

CREATE UNIQUE INDEX certificates_current ON certificates (member_id) WHERE revoked_at IS NULL AND accepted_until IS NULL;
CREATE INDEX certificates_expiry ON certificates (organisation_id, not_after) WHERE revoked_at IS NULL AND accepted_until IS NULL;
CREATE INDEX certificates_all_expiry ON certificates (not_after) WHERE revoked_at IS NULL AND accepted_until IS NULL;

-- Members in force are counted as they come and go, so that nobody counts them for each page.
ALTER TABLE networks ADD COLUMN devices INTEGER NOT NULL DEFAULT 0;
ALTER TABLE networks ADD COLUMN sites INTEGER NOT NULL DEFAULT 0;
UPDATE networks SET
  devices = (SELECT count(*) FROM members m WHERE m.network_id = networks.id AND m.revoked_at IS NULL AND m.kind = 'device'),
  sites = (SELECT count(*) FROM members m WHERE m.network_id = networks.id AND m.revoked_at IS NULL AND m.kind = 'site');

CREATE TRIGGER members_come AFTER INSERT ON members WHEN NEW.revoked_at IS NULL BEGIN UPDATE networks SET devices = devices + (NEW.kind = 'device'), sites = sites + (NEW.kind = 'site') WHERE id = NEW.network_id; END;
CREATE TRIGGER members_revoked AFTER UPDATE OF revoked_at ON members WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN UPDATE networks SET devices = devices - (NEW.kind = 'device'), sites = sites - (NEW.kind = 'site') WHERE id = NEW.network_id; END;
CREATE TRIGGER members_go AFTER DELETE ON members WHEN OLD.revoked_at IS NULL BEGIN UPDATE networks SET devices = devices - (OLD.kind = 'device'), sites = sites - (OLD.kind = 'site') WHERE id = OLD.network_id; END;

CREATE INDEX members_list ON members (network_id, kind, name) WHERE revoked_at IS NULL;

-- Whoever asked to be told of such changes is told of each: the delivery is written with the change.
CREATE TRIGGER audit_told AFTER INSERT ON audit BEGIN INSERT INTO webhook_deliveries (id, organisation_id, webhook_id, event, body, created_at, due_at) SELECT lower(hex(randomblob(16))), NEW.organisation_id, w.id, NEW.action, json_object('id', NEW.id, 'at', NEW.at, 'organisation', NEW.organisation_id, 'actor', NEW.actor, 'action', NEW.action, 'target', NEW.target, 'before', json(NEW.before), 'after', json(NEW.after)), NEW.at, NEW.at FROM webhooks w WHERE w.organisation_id = NEW.organisation_id AND EXISTS (SELECT 1 FROM json_each(w.events) e WHERE NEW.action GLOB e.value); END;
