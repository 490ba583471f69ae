-- Every act of sharing, by its ID: what visits through a share look up.
CREATE TABLE IF NOT EXISTS shares
(
    site_id UInt32,
    share_id String CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    visitor UInt64 CODEC(ZSTD(1)),
    path String CODEC(ZSTD(1)),
    network LowCardinality(String),
    kind LowCardinality(String),
    parent String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (site_id, share_id)
SETTINGS non_replicated_deduplication_window = 10000
