-- A page of a group is read by name without the rest of the group, however many it has.

-- The member's, which never changes; NULL once it is revoked.
ALTER TABLE group_members ADD COLUMN name TEXT;
UPDATE group_members SET name = (SELECT m.name FROM members m WHERE m.id = member_id AND m.revoked_at IS NULL);

CREATE INDEX group_members_name ON group_members (group_id, name) WHERE name IS NOT NULL;

CREATE TRIGGER group_member_named AFTER INSERT ON group_members BEGIN UPDATE group_members SET name = (SELECT m.name FROM members m WHERE m.id = NEW.member_id AND m.revoked_at IS NULL) WHERE group_id = NEW.group_id AND member_id = NEW.member_id; END;
CREATE TRIGGER group_member_unnamed AFTER UPDATE OF revoked_at ON members WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN UPDATE group_members SET name = NULL WHERE member_id = NEW.id; END;
