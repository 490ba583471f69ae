-- What readers did. The increments (entry … read) make every figure of visits a
-- plain sum, by time one over began, and what the writer knows of shares (via_…,
-- share_root, share_generation) spares questions a join; see internal/event.Row.
-- passive is 1 on an event that ends no bounce: after a crash, the writer reads
-- it back. day spares questions over whole days a look at ts, and T64 makes
-- those that look cheap.
CREATE TABLE IF NOT EXISTS events
(
    site_id UInt32 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(T64, LZ4),
    day Date MATERIALIZED toDate(ts),
    name LowCardinality(String),
    visitor UInt64 CODEC(ZSTD(1)),
    visit UInt64 CODEC(ZSTD(1)),
    began DateTime64(3, 'UTC') CODEC(T64, LZ4),
    hostname LowCardinality(String),
    path String CODEC(ZSTD(1)),
    entry_path String CODEC(ZSTD(1)),
    referrer String CODEC(ZSTD(1)),
    source LowCardinality(String),
    medium LowCardinality(String),
    channel LowCardinality(String),
    utm_source LowCardinality(String),
    utm_medium LowCardinality(String),
    utm_campaign LowCardinality(String),
    utm_content LowCardinality(String),
    utm_term LowCardinality(String),
    country LowCardinality(String),
    device LowCardinality(String),
    browser LowCardinality(String),
    browser_version LowCardinality(String),
    os LowCardinality(String),
    os_version LowCardinality(String),
    via_share String CODEC(ZSTD(1)),
    via_network LowCardinality(String),
    via_kind LowCardinality(String),
    via_generation UInt8 CODEC(ZSTD(1)),
    via_age UInt32 CODEC(ZSTD(1)),
    share_id String CODEC(ZSTD(1)),
    share_network LowCardinality(String),
    share_kind LowCardinality(String),
    share_parent String CODEC(ZSTD(1)),
    share_root String CODEC(ZSTD(1)),
    share_generation UInt8 CODEC(ZSTD(1)),
    props Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    revenue_currency LowCardinality(String),
    revenue_amount Decimal(18, 3) CODEC(ZSTD(1)),
    passive UInt8 CODEC(ZSTD(1)),
    entry UInt8 CODEC(ZSTD(1)),
    bounce Int8 CODEC(ZSTD(1)),
    gap_ms UInt32 CODEC(ZSTD(1)),
    engaged_ms UInt32 CODEC(ZSTD(1)),
    scroll UInt8 CODEC(ZSTD(1)),
    scrolled UInt8 CODEC(ZSTD(1)),
    read UInt8 CODEC(ZSTD(1))
)
ENGINE = facts SHARDED BY visitor
PARTITION BY toYYYYMM(ts)
ORDER BY (site_id, day, visitor, ts);
