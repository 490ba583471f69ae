-- Totals of a site, for long ranges without filters: by the hour in which readers
-- did something, and the one in which their visit began, by which figures of
-- visits are summed.
CREATE TABLE IF NOT EXISTS totals_hourly
(
    site_id UInt32,
    hour DateTime('UTC'),
    visit_hour DateTime('UTC'),
    visitors AggregateFunction(uniq, UInt64),
    sharers AggregateFunction(uniqIf, UInt64, UInt8),
    share_visitors AggregateFunction(uniqIf, UInt64, UInt8),
    -- all that events has; it tells whether a closed day is what it was
    total SimpleAggregateFunction(sum, UInt64),
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
ENGINE = states
PARTITION BY toYear(hour)
ORDER BY (site_id, hour, visit_hour);

-- Of a share from the address bar nobody knows the sharer: see
-- internal/event.ShareAddress.
CREATE MATERIALIZED VIEW IF NOT EXISTS totals_hourly_mv TO totals_hourly AS
SELECT
    site_id,
    toStartOfHour(ts, 'UTC') AS hour,
    toStartOfHour(began, 'UTC') AS visit_hour,
    uniqState(visitor) AS visitors,
    uniqStateIf(visitor, toUInt8(name = 'share' AND share_kind != 'address')) AS sharers,
    uniqStateIf(visitor, toUInt8(via_share != '')) AS share_visitors,
    count() AS total,
    countIf(name != 'engagement') AS events,
    countIf(name = 'pageview') AS pageviews,
    countIf(name = 'share') AS shares,
    countIf(name = 'share' AND share_parent != '') AS reshares,
    sum(entry) AS visits,
    sumIf(entry, via_share != '') AS share_visits,
    sum(bounce) AS bounces,
    sum(gap_ms) AS gap_ms,
    sum(engaged_ms) AS engaged_ms,
    sum(scroll) AS scroll,
    sum(scrolled) AS scrolled,
    sum(read) AS read
FROM events
GROUP BY site_id, hour, visit_hour;
