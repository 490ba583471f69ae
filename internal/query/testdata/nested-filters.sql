SELECT
    ifNull(p.pageviews, 0) AS m0
FROM
(
    SELECT
        countIf(name = 'pageview') AS pageviews
    FROM events
    WHERE site_id = {site:UInt32}
        AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')})
        AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        AND (NOT (positionCaseInsensitiveUTF8(path, {p0:String}) > 0 OR positionCaseInsensitiveUTF8(path, {p1:String}) > 0) OR visit IN
        (
            SELECT visit
            FROM events
            WHERE site_id = {site:UInt32}
                AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) - 1 AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')}) + 1
                AND props[{p2:String}] IN ({p3:String})
        ))
) AS p

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = /blog
-- p1 = /news
-- p2 = plan
-- p3 = pro
