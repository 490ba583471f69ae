-- What networks' own statistics say of accounts, one figure of one day per row.
-- The same again replaces it; read it with FINAL.
CREATE TABLE IF NOT EXISTS account_insights
(
    site_id UInt32,
    network LowCardinality(String),
    account LowCardinality(String),
    insight LowCardinality(String),
    day Date CODEC(Delta(2), ZSTD(1)),
    value Float64 CODEC(ZSTD(1)),
    origin LowCardinality(String),
    recorded DateTime64(3, 'UTC')
)
ENGINE = replacing(recorded) SHARDED BY site_id
ORDER BY (site_id, network, account, insight, day);
