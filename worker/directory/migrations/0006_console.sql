-- What pages ask often: how many members a network has, and which certificates end soon.

CREATE TABLE member_counts (
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  members INTEGER NOT NULL,
  PRIMARY KEY (network_id, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO member_counts (network_id, kind, members)
  SELECT network_id, kind, count(*) FROM members WHERE revoked_at IS NULL GROUP BY network_id, kind;

CREATE TRIGGER member_added AFTER INSERT ON members WHEN NEW.revoked_at IS NULL BEGIN INSERT INTO member_counts (network_id, kind, members) VALUES (NEW.network_id, NEW.kind, 1) ON CONFLICT DO UPDATE SET members = members + 1; END;

CREATE TRIGGER member_revoked AFTER UPDATE OF revoked_at ON members WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN UPDATE member_counts SET members = members - 1 WHERE network_id = NEW.network_id AND kind = NEW.kind; END;

CREATE TRIGGER member_deleted AFTER DELETE ON members WHEN OLD.revoked_at IS NULL BEGIN UPDATE member_counts SET members = members - 1 WHERE network_id = OLD.network_id AND kind = OLD.kind; END;

CREATE INDEX certificates_end ON certificates (not_after) WHERE revoked_at IS NULL;
