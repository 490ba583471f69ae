-- What events can be grouped and filtered by is in sharing too. A share brings
-- no revenue, so the column stays empty.
ALTER TABLE sharing ADD COLUMN IF NOT EXISTS revenue_currency LowCardinality(String) CODEC(ZSTD(1)) AFTER props
