-- 1 on an event that ends no bounce: a visit that goes on after a crash needs
-- to know it of the oldest rows that are read.
ALTER TABLE events ADD COLUMN IF NOT EXISTS passive UInt8 CODEC(ZSTD(1)) AFTER revenue_amount
