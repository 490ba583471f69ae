-- Figures of a site's local days by the values of each dimension, '' for all
-- together: what dashboards list, without a look at events. Days add up, but for
-- visitors, of whom carried and carried_far were there a day and two days before
-- (internal/metric.Carried). Rows count where closed_days names their closing.
CREATE TABLE IF NOT EXISTS closed_values
(
    site_id UInt32 CODEC(ZSTD(1)),
    dimension LowCardinality(String),
    day Date,
    closing UInt64 CODEC(ZSTD(1)),
    value String CODEC(ZSTD(1)),
    visitors UInt64 CODEC(T64, ZSTD(1)),
    carried UInt64 CODEC(T64, ZSTD(1)),
    carried_far UInt64 CODEC(T64, ZSTD(1)),
    visits UInt64 CODEC(T64, ZSTD(1)),
    pageviews UInt64 CODEC(T64, ZSTD(1)),
    events UInt64 CODEC(T64, ZSTD(1)),
    visit_pageviews UInt64 CODEC(T64, ZSTD(1)),
    page_visits UInt64 CODEC(T64, ZSTD(1)),
    engaged UInt64 CODEC(T64, ZSTD(1)),
    depth UInt64 CODEC(T64, ZSTD(1)),
    depths UInt64 CODEC(T64, ZSTD(1)),
    reads UInt64 CODEC(T64, ZSTD(1)),
    entries UInt64 CODEC(T64, ZSTD(1)),
    bounces Int64 CODEC(T64, ZSTD(1)),
    gap UInt64 CODEC(T64, ZSTD(1)),
    shares UInt64 CODEC(T64, ZSTD(1)),
    reshares UInt64 CODEC(T64, ZSTD(1)),
    dark_shares UInt64 CODEC(T64, ZSTD(1)),
    share_visits UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = facts SHARDED BY closing
PARTITION BY toYear(day)
ORDER BY (site_id, dimension, day, closing, value);

-- Which closing of a day counts: the last. Its row is written when all others of
-- it are there. layout is a number for what was computed. happened and begun are
-- how many rows of events it rests on, by when they happened and when their visits
-- began (internal/daybook).
CREATE TABLE IF NOT EXISTS closed_days
(
    site_id UInt32,
    zone LowCardinality(String),
    day Date,
    closing UInt64,
    layout UInt64,
    happened UInt64,
    begun UInt64
)
ENGINE = replacing(closing) SHARDED BY site_id
ORDER BY (site_id, zone, day);
