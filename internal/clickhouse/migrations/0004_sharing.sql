-- The rows of events that questions about shares read, a few in a hundred:
-- shares, and the entries of the visits that they brought. Whatever events is
-- grouped and filtered by is here too, under the same names. A share brings no
-- revenue, so revenue_currency stays empty.
CREATE TABLE IF NOT EXISTS sharing
(
    site_id UInt32 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(T64, LZ4),
    day Date MATERIALIZED toDate(ts),
    name LowCardinality(String),
    visitor UInt64 CODEC(ZSTD(1)),
    visit UInt64 CODEC(ZSTD(1)),
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
    entry UInt8 CODEC(ZSTD(1))
)
ENGINE = facts
PARTITION BY toYYYYMM(ts)
ORDER BY (site_id, day, name, path, ts);

CREATE MATERIALIZED VIEW IF NOT EXISTS sharing_mv TO sharing AS
SELECT site_id, ts, name, visitor, visit, hostname, path, entry_path, referrer, source, medium, channel, utm_source,
    utm_medium, utm_campaign, utm_content, utm_term, country, device, browser, browser_version, os,
    os_version, via_share, via_network, via_kind, via_generation, via_age, share_id, share_network,
    share_kind, share_parent, share_root, share_generation, props, entry
FROM events
WHERE name = 'share' OR (entry = 1 AND via_share != '');
