-- Of a share from the address bar nobody knows the sharer: see
-- internal/event.ShareAddress.
ALTER TABLE totals_hourly_mv MODIFY QUERY
SELECT
    site_id,
    toStartOfHour(ts, 'UTC') AS hour,
    uniqState(visitor) AS visitors,
    uniqStateIf(visitor, toUInt8(name = 'share' AND share_kind != 'address')) AS sharers,
    uniqStateIf(visitor, toUInt8(via_share != '')) AS share_visitors,
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
GROUP BY site_id, hour
