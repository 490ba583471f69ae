SELECT
    p.d0 AS d0,
    ifNull(p.visitors, 0) AS m0,
    ifNull(p.visitors, 0) AS largest
FROM
(
    SELECT
        toDate(ts, {tz:String}) AS d0,
        uniq(visitor) AS visitors
    FROM (
        SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
        UNION ALL
        SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
    ) AS events
    WHERE source IN ({p4:String}, {p5:String})
    GROUP BY d0
) AS p
ORDER BY d0 ASC NULLS LAST, m0 DESC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = 2026-02-28
-- p1 = 2026-04-01
-- p2 = 2026-03-01
-- p3 = 2026-03-31
-- p4 = Google
-- p5 = Bing
