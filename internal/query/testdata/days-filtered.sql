SELECT
    p.d0 AS d0,
    ifNull(p.visitors, 0) AS m0,
    ifNull(p.visitors, 0) AS largest
FROM
(
    SELECT
        toDate(ts, {tz:String}) AS d0,
        uniq(visitor) AS visitors
    FROM events
    WHERE site_id = {site:UInt32}
        AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')})
        AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        AND source IN ({p0:String}, {p1:String})
    GROUP BY d0
) AS p
ORDER BY d0 ASC NULLS LAST, m0 DESC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = Google
-- p1 = Bing
