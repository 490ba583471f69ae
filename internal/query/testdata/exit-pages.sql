SELECT
    p.d0 AS d0,
    ifNull(p.visits, 0) AS m0,
    count() OVER () AS total
FROM
(
    SELECT
        if(exit_path = '', entry_path, exit_path) AS d0,
        sum(entry) AS visits
    FROM (
        SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p2:Date} AND day < {p3:Date}
        UNION ALL
        SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p2:Date} OR day >= {p3:Date} AND day < {p1:Date}) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
    ) AS events
    LEFT ANY JOIN
    (
        SELECT visit, argMax(path, ts) AS exit_path
        FROM events
        WHERE site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) - 1 AND day <= toDate({to:DateTime64(3, 'UTC')}) + 1
            AND name = 'pageview' AND entry = 0
        GROUP BY visit
    ) AS exits USING (visit)
    WHERE (entry = 1 OR ts < {from:DateTime64(3, 'UTC')} + INTERVAL 30 MINUTE)
    GROUP BY d0
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
-- limit = 10
