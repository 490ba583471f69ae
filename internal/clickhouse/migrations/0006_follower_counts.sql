-- Readings of accounts. The same account and time again replaces the reading
-- (an import repeated changes nothing); read it with FINAL. ended is true on a
-- row that says when a following ended, instead of a count: the account moved
-- away, or somebody else has its name.
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
    ended Bool,
    recorded DateTime64(3, 'UTC')
)
ENGINE = replacing(recorded) SHARDED BY site_id
ORDER BY (site_id, network, account, ts);
