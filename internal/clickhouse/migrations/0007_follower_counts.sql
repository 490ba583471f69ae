-- Readings of accounts. The same account and time again replaces the reading
-- (an import repeated changes nothing); read it with FINAL.
CREATE TABLE IF NOT EXISTS follower_counts
(
    site_id UInt32,
    network LowCardinality(String),
    account LowCardinality(String),
    ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    followers UInt64 CODEC(ZSTD(1)),
    following Nullable(UInt64) CODEC(ZSTD(1)),
    posts Nullable(UInt64) CODEC(ZSTD(1)),
    origin LowCardinality(String),
    rounded Bool,
    recorded DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded)
ORDER BY (site_id, network, account, ts)
SETTINGS non_replicated_deduplication_window = 10000
