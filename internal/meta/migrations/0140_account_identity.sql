-- Whom an account's name stands for: the network's own ID of it, when it was
-- found to be somebody else's (0 = it was not, or its owner knows), and the
-- account that it says it moved to.
ALTER TABLE accounts ADD COLUMN permanent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN replaced_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN moved_to TEXT NOT NULL DEFAULT '';
