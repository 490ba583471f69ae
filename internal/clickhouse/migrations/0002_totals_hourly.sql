-- Totals of a site by hour, for long ranges without filters.
CREATE TABLE IF NOT EXISTS totals_hourly
(
    site_id UInt32,
    hour DateTime('UTC'),
    visitors AggregateFunction(uniq, UInt64),
    sharers AggregateFunction(uniqIf, UInt64, UInt8),
    share_visitors AggregateFunction(uniqIf, UInt64, UInt8),
    events SimpleAggregateFunction(sum, UInt64),
    pageviews SimpleAggregateFunction(sum, UInt64),
    shares SimpleAggregateFunction(sum, UInt64),
    reshares SimpleAggregateFunction(sum, UInt64),
    visits SimpleAggregateFunction(sum, UInt64),
    share_visits SimpleAggregateFunction(sum, UInt64),
    bounces SimpleAggregateFunction(sum, Int64),
    gap_ms SimpleAggregateFunction(sum, UInt64),
    engaged_ms SimpleAggregateFunction(sum, UInt64),
    scroll SimpleAggregateFunction(sum, UInt64),
    scrolled SimpleAggregateFunction(sum, UInt64),
    read SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(hour)
ORDER BY (site_id, hour)
SETTINGS non_replicated_deduplication_window = 10000
