-- When a token stops to open anything; 0 = never.
ALTER TABLE tokens ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
