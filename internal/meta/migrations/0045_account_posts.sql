-- How the last reading of an account's posts went.
ALTER TABLE accounts ADD COLUMN posts_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN posts_error TEXT NOT NULL DEFAULT '';
