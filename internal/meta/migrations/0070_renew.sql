-- When the network is to be asked next for a secret that lasts anew.
ALTER TABLE accounts ADD COLUMN renew_at INTEGER NOT NULL DEFAULT 0;
