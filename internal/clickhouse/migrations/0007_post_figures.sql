-- Readings of the accounts' posts. The same post and time again replaces the
-- reading; read it with FINAL or argMax. Where a reading is from, origin says,
-- as in follower_counts: an import is taken back by it.
CREATE TABLE IF NOT EXISTS post_figures
(
    site_id UInt32,
    network LowCardinality(String),
    account LowCardinality(String),
    post String CODEC(ZSTD(1)),
    ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    published DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    url String CODEC(ZSTD(1)),
    text String CODEC(ZSTD(1)),
    page String CODEC(ZSTD(1)),
    share_id String CODEC(ZSTD(1)),
    likes Nullable(UInt64) CODEC(ZSTD(1)),
    comments Nullable(UInt64) CODEC(ZSTD(1)),
    reposts Nullable(UInt64) CODEC(ZSTD(1)),
    views Nullable(UInt64) CODEC(ZSTD(1)),
    origin LowCardinality(String),
    recorded DateTime64(3, 'UTC')
)
ENGINE = replacing(recorded) SHARDED BY site_id
ORDER BY (site_id, network, account, post, ts);
