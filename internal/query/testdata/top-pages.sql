SELECT
    p.d0 AS d0,
    ifNull(p.visitors, 0) AS m0,
    ifNull(p.pageviews, 0) AS m1,
    if(p.entries > 0, round(100 * p.bounces / p.entries), NULL) AS m2,
    ifNull(p.visitors, 0) AS largest
FROM
(
    SELECT
        d0,
        max(u.visitors) AS visitors,
        max(u.pageviews) AS pageviews,
        max(u.bounces) AS bounces,
        max(u.entries) AS entries
    FROM
    (
        SELECT
            path AS d0,
            uniq(visitor) AS visitors,
            countIf(name = 'pageview') AS pageviews,
            NULL AS bounces,
            NULL AS entries,
            1 AS anchor
        FROM (
            SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
            UNION ALL
            SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        ) AS events
        GROUP BY d0
        UNION ALL
        SELECT
            entry_path AS d0,
            NULL AS visitors,
            NULL AS pageviews,
            sum(bounce) AS bounces,
            sum(entry) AS entries,
            0 AS anchor
        FROM (
            SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p5:Date} AND day < {p3:Date}
            UNION ALL
            SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p5:Date} OR day >= {p3:Date} AND day < {p4:Date}) AND began >= {from:DateTime64(3, 'UTC')} AND began < {to:DateTime64(3, 'UTC')}
        ) AS events
        GROUP BY d0
    ) AS u
    GROUP BY d0
    HAVING max(u.anchor) = 1
) AS p
ORDER BY m0 DESC NULLS LAST, d0 ASC NULLS LAST
LIMIT {limit:UInt64}

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
-- limit = 10
