SELECT
    p.d0 AS d0,
    ifNull(p.visits, 0) AS m0,
    count() OVER () AS total
FROM
(
    SELECT
        if(exit_path = '', entry_path, exit_path) AS d0,
        sum(entry) AS visits
    FROM events
    LEFT ANY JOIN
    (
        SELECT visit, argMax(path, ts) AS exit_path
        FROM events
        WHERE site_id = {site:UInt32} AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) - 1 AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')}) + 1
            AND name = 'pageview' AND entry = 0
        GROUP BY visit
    ) AS exits USING (visit)
    WHERE site_id = {site:UInt32}
        AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')})
        AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        AND (entry = 1 OR ts < {from:DateTime64(3, 'UTC')} + INTERVAL 30 MINUTE)
    GROUP BY d0
) AS p
ORDER BY m0 DESC NULLS LAST, d0 ASC NULLS LAST
LIMIT {limit:UInt64}

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- limit = 10
