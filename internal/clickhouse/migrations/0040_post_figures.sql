-- Readings of the accounts' posts. The same post and time again replaces the
-- reading; read it with FINAL or argMax.
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
    recorded DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded)
ORDER BY (site_id, network, account, post, ts)
SETTINGS non_replicated_deduplication_window = 10000
