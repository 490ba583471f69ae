-- Whether the network rounded last_followers.
ALTER TABLE accounts ADD COLUMN last_rounded INTEGER NOT NULL DEFAULT 0;
