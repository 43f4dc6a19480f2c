-- Whether members of the network may have ESP without encryption.

ALTER TABLE networks ADD COLUMN null_encryption INTEGER NOT NULL DEFAULT 0;
