-- A member that is suspended keeps its place, its addresses and its proof, and cannot connect until it is resumed.

ALTER TABLE members ADD COLUMN suspended_at INTEGER;
