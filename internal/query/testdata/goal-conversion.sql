WITH
    (
        SELECT uniq(visitor)
        FROM (
            SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
            UNION ALL
            SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        ) AS events
    ) AS all_base_visitors
SELECT
    p.d0 AS d0,
    ifNull(p.visitors, 0) AS m0,
    if(all_base_visitors > 0, round(100 * ifNull(p.visitors, 0) / all_base_visitors, 2), NULL) AS m1,
    if(p.base_visitors > 0, round(100 * ifNull(p.visitors, 0) / p.base_visitors, 2), NULL) AS m2,
    greatest(ifNull(p.base_visitors, 0), ifNull(p.visitors, 0), ifNull(all_base_visitors, 0)) AS largest
FROM
(
    SELECT
        d0,
        max(u.base_visitors) AS base_visitors,
        max(u.visitors) AS visitors
    FROM
    (
        SELECT
            country AS d0,
            uniq(visitor) AS base_visitors,
            NULL AS visitors,
            0 AS anchor
        FROM (
            SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
            UNION ALL
            SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        ) AS events
        GROUP BY d0
        UNION ALL
        SELECT
            country AS d0,
            NULL AS base_visitors,
            uniq(visitor) AS visitors,
            1 AS anchor
        FROM (
            SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
            UNION ALL
            SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        ) AS events
        WHERE (name NOT IN ('pageview', 'engagement') AND name IN ({p4:String}))
        GROUP BY d0
    ) AS u
    GROUP BY d0
    HAVING max(u.anchor) = 1
) AS p
ORDER BY m0 DESC NULLS LAST, d0 ASC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = 2026-02-28
-- p1 = 2026-04-01
-- p2 = 2026-03-01
-- p3 = 2026-03-31
-- p4 = Signup
