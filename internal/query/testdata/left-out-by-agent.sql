SELECT
    p.d0 AS d0,
    p.d1 AS d1,
    ifNull(p.left_out, 0) AS m0
FROM
(
    SELECT
        toDate(ts, {tz:String}) AS d0,
        agent AS d1,
        sum(hits) AS left_out
    FROM left_out
    WHERE site_id = {site:UInt32}
        AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        AND reason != 'excluded'
        AND reason IN ({p0:String})
    GROUP BY d0, d1
) AS p
ORDER BY d0 ASC NULLS LAST, m0 DESC NULLS LAST, d1 ASC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = preview
