SELECT
    ifNull(p.pageviews, 0) AS m0
FROM
(
    SELECT
        countIf(name = 'pageview') AS pageviews
    FROM (
        SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
        UNION ALL
        SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
    ) AS events
    WHERE (NOT (positionCaseInsensitiveUTF8(path, {p4:String}) > 0 OR positionCaseInsensitiveUTF8(path, {p5:String}) > 0) OR visit IN
        (
            SELECT visit
            FROM events
            WHERE site_id = {site:UInt32}
                AND day >= {p6:Date} AND day < {p7:Date}
                AND props[{p8:String}] IN ({p9:String})
        ))
) AS p

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = 2026-02-28
-- p1 = 2026-04-01
-- p2 = 2026-03-01
-- p3 = 2026-03-31
-- p4 = /blog
-- p5 = /news
-- p6 = 2026-02-27
-- p7 = 2026-04-02
-- p8 = plan
-- p9 = pro
