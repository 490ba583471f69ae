SELECT
    ifNull(p.visitors, 0) AS m0,
    ifNull(p.visits, 0) AS m1,
    ifNull(p.pageviews, 0) AS m2,
    if(p.entries > 0, round(100 * p.bounces / p.entries), NULL) AS m3,
    ifNull(p.shares, 0) AS m4,
    ifNull(p.visitors, 0) AS largest
FROM
(
    SELECT
        max(u.visitors) AS visitors,
        max(u.visits) AS visits,
        max(u.pageviews) AS pageviews,
        max(u.shares) AS shares,
        max(u.bounces) AS bounces,
        max(u.entries) AS entries
    FROM
    (
        SELECT
            uniqMerge(t.visitors) AS visitors,
            sum(t.visits) AS visits,
            sum(t.pageviews) AS pageviews,
            sum(t.shares) AS shares,
            NULL AS bounces,
            NULL AS entries
        FROM totals_hourly AS t
        WHERE site_id = {site:UInt32}
            AND hour >= toDateTime({from:DateTime64(3, 'UTC')}) AND hour < toDateTime({to:DateTime64(3, 'UTC')})
        UNION ALL
        SELECT
            NULL AS visitors,
            NULL AS visits,
            NULL AS pageviews,
            NULL AS shares,
            sum(t.bounces) AS bounces,
            sum(t.visits) AS entries
        FROM totals_hourly AS t
        WHERE site_id = {site:UInt32}
            AND hour >= toDateTime({from:DateTime64(3, 'UTC')}) AND hour < toDateTime({to:DateTime64(3, 'UTC')}) + INTERVAL 2 DAY
            AND visit_hour >= toDateTime({from:DateTime64(3, 'UTC')}) AND visit_hour < toDateTime({to:DateTime64(3, 'UTC')})
    ) AS u
) AS p

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = 2026-02-28
-- p1 = 2026-04-01
-- p2 = 2026-03-01
-- p3 = 2026-03-31
-- p4 = 2026-04-02
-- p5 = 2026-03-02
