-- Where the site is spoken of elsewhere, one mention per row. The same source and
-- ID again replaces it (it was edited, or deleted); read it with FINAL.
CREATE TABLE IF NOT EXISTS mentions
(
    site_id UInt32,
    source LowCardinality(String),
    id String CODEC(ZSTD(1)),
    ts DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    kind LowCardinality(String),
    author String CODEC(ZSTD(1)),
    author_name String CODEC(ZSTD(1)),
    author_url String CODEC(ZSTD(1)),
    author_followers Nullable(UInt64) CODEC(ZSTD(1)),
    text String CODEC(ZSTD(1)),
    language LowCardinality(String),
    url String CODEC(ZSTD(1)),
    page String CODEC(ZSTD(1)),
    parent String CODEC(ZSTD(1)),
    seen DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    deleted Bool,
    origin LowCardinality(String),
    recorded DateTime64(3, 'UTC')
)
ENGINE = replacing(recorded) SHARDED BY site_id
ORDER BY (site_id, source, id);
