-- What would be counted or looked for among all devices is kept as they come and go, so that no page and no enrolment reads them all.

-- Certificates by what ends first in a network.
ALTER TABLE certificates ADD COLUMN network_id TEXT REFERENCES networks (id) ON DELETE CASCADE;
UPDATE certificates SET network_id = (SELECT m.network_id FROM members m WHERE m.id = member_id);

CREATE TRIGGER certificates_placed AFTER INSERT ON certificates BEGIN UPDATE certificates SET network_id = (SELECT m.network_id FROM members m WHERE m.id = NEW.member_id) WHERE fingerprint = NEW.fingerprint; END;

CREATE INDEX certificates_ending ON certificates (network_id, not_after, fingerprint) WHERE revoked_at IS NULL AND accepted_until IS NULL;

-- How many of a group are not revoked.
ALTER TABLE groups ADD COLUMN members INTEGER NOT NULL DEFAULT 0;
UPDATE groups SET members = (SELECT count(*) FROM group_members gm JOIN members m ON m.id = gm.member_id WHERE gm.group_id = groups.id AND m.revoked_at IS NULL);

CREATE TRIGGER group_entered AFTER INSERT ON group_members WHEN EXISTS (SELECT 1 FROM members WHERE id = NEW.member_id AND revoked_at IS NULL) BEGIN UPDATE groups SET members = members + 1 WHERE id = NEW.group_id; END;
CREATE TRIGGER group_left AFTER DELETE ON group_members WHEN EXISTS (SELECT 1 FROM members WHERE id = OLD.member_id AND revoked_at IS NULL) BEGIN UPDATE groups SET members = members - 1 WHERE id = OLD.group_id; END;
CREATE TRIGGER group_member_revoked AFTER UPDATE OF revoked_at ON members WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN UPDATE groups SET members = members - 1 WHERE id IN (SELECT group_id FROM group_members WHERE member_id = NEW.id); END;
CREATE TRIGGER group_member_gone BEFORE DELETE ON members WHEN OLD.revoked_at IS NULL BEGIN UPDATE groups SET members = members - 1 WHERE id IN (SELECT group_id FROM group_members WHERE member_id = OLD.id); END;

-- Devices that are in the same groups: the groups are a JSON array of their ids in order.
ALTER TABLE members ADD COLUMN cohort TEXT NOT NULL DEFAULT '[]';
UPDATE members SET cohort = (SELECT json_group_array(group_id) FROM (SELECT gm.group_id FROM group_members gm WHERE gm.member_id = members.id ORDER BY gm.group_id));

CREATE INDEX members_cohort ON members (network_id, cohort, name) WHERE revoked_at IS NULL AND kind = 'device';

CREATE TABLE cohorts (
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  cohort TEXT NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  devices INTEGER NOT NULL,
  PRIMARY KEY (network_id, cohort)
) STRICT, WITHOUT ROWID;

INSERT INTO cohorts (network_id, cohort, organisation_id, devices)
SELECT network_id, cohort, organisation_id, count(*) FROM members WHERE revoked_at IS NULL AND kind = 'device' GROUP BY network_id, cohort;

CREATE TRIGGER cohort_of_entered AFTER INSERT ON group_members BEGIN UPDATE members SET cohort = (SELECT json_group_array(group_id) FROM (SELECT gm.group_id FROM group_members gm WHERE gm.member_id = NEW.member_id ORDER BY gm.group_id)) WHERE id = NEW.member_id; END;
CREATE TRIGGER cohort_of_left AFTER DELETE ON group_members BEGIN UPDATE members SET cohort = (SELECT json_group_array(group_id) FROM (SELECT gm.group_id FROM group_members gm WHERE gm.member_id = OLD.member_id ORDER BY gm.group_id)) WHERE id = OLD.member_id; END;
CREATE TRIGGER cohort_grows AFTER INSERT ON members WHEN NEW.revoked_at IS NULL AND NEW.kind = 'device' BEGIN INSERT INTO cohorts (network_id, cohort, organisation_id, devices) SELECT NEW.network_id, NEW.cohort, NEW.organisation_id, 0 WHERE NOT EXISTS (SELECT 1 FROM cohorts WHERE network_id = NEW.network_id AND cohort = NEW.cohort); UPDATE cohorts SET devices = devices + 1 WHERE network_id = NEW.network_id AND cohort = NEW.cohort; END;
CREATE TRIGGER cohort_changes AFTER UPDATE OF cohort, revoked_at ON members WHEN NEW.kind = 'device' AND EXISTS (SELECT 1 FROM networks WHERE id = NEW.network_id) BEGIN UPDATE cohorts SET devices = devices - 1 WHERE OLD.revoked_at IS NULL AND network_id = OLD.network_id AND cohort = OLD.cohort; INSERT INTO cohorts (network_id, cohort, organisation_id, devices) SELECT NEW.network_id, NEW.cohort, NEW.organisation_id, 0 WHERE NEW.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM cohorts WHERE network_id = NEW.network_id AND cohort = NEW.cohort); UPDATE cohorts SET devices = devices + 1 WHERE NEW.revoked_at IS NULL AND network_id = NEW.network_id AND cohort = NEW.cohort; DELETE FROM cohorts WHERE network_id = OLD.network_id AND cohort = OLD.cohort AND devices = 0; END;
CREATE TRIGGER cohort_shrinks AFTER DELETE ON members WHEN OLD.revoked_at IS NULL AND OLD.kind = 'device' BEGIN UPDATE cohorts SET devices = devices - 1 WHERE network_id = OLD.network_id AND cohort = OLD.cohort; DELETE FROM cohorts WHERE network_id = OLD.network_id AND cohort = OLD.cohort AND devices = 0; END;

-- Positions below the highest that is taken and yet free again: with them, the lowest free one is found at once.
CREATE TABLE free_positions (
  network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
  family INTEGER NOT NULL CHECK (family IN (4, 6)),
  position INTEGER NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  PRIMARY KEY (network_id, family, position)
) STRICT, WITHOUT ROWID;

WITH RECURSIVE taken(network_id, family, position, organisation_id) AS (SELECT network_id, family, position, organisation_id FROM addresses UNION SELECT network_id, family, 1, organisation_id FROM addresses),
  gaps(network_id, family, position, organisation_id, until) AS (
    SELECT network_id, family, position + 1, organisation_id, lead(position) OVER (PARTITION BY network_id, family ORDER BY position) FROM taken
    UNION ALL SELECT network_id, family, position + 1, organisation_id, until FROM gaps WHERE position + 1 < until)
INSERT INTO free_positions (network_id, family, position, organisation_id) SELECT network_id, family, position, organisation_id FROM gaps WHERE position < until;

CREATE TRIGGER position_freed AFTER DELETE ON addresses WHEN EXISTS (SELECT 1 FROM networks WHERE id = OLD.network_id) BEGIN INSERT INTO free_positions (network_id, family, position, organisation_id) VALUES (OLD.network_id, OLD.family, OLD.position, OLD.organisation_id); END;
CREATE TRIGGER position_taken AFTER INSERT ON addresses BEGIN DELETE FROM free_positions WHERE network_id = NEW.network_id AND family = NEW.family AND position = NEW.position; END;

CREATE INDEX IF NOT EXISTS addresses_released ON addresses (network_id, released_at) WHERE released_at IS NOT NULL;
