SELECT
    ifNull(p.visitors, 0) AS m0,
    ifNull(p.visits, 0) AS m1,
    if(p.entries > 0, round(100 * p.bounces / p.entries), NULL) AS m2,
    greatest(ifNull(p.visitors, 0), ifNull(p.visits, 0)) AS largest
FROM
(
    SELECT
        max(u.visitors) AS visitors,
        max(u.visits) AS visits,
        max(u.bounces) AS bounces,
        max(u.entries) AS entries
    FROM
    (
        SELECT
            uniqIf(visitor, ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}) AS visitors,
            uniqIf(visit, began >= {from:DateTime64(3, 'UTC')} AND began < {to:DateTime64(3, 'UTC')}) AS visits,
            NULL AS bounces,
            NULL AS entries
        FROM events
        WHERE site_id = {site:UInt32}
            AND day >= {p0:Date} AND day < {p5:Date}
            AND path IN ({p4:String})
            AND (ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')} OR began >= {from:DateTime64(3, 'UTC')} AND began < {to:DateTime64(3, 'UTC')})
        UNION ALL
        SELECT
            NULL AS visitors,
            NULL AS visits,
            sum(bounce) AS bounces,
            sum(entry) AS entries
        FROM (
            SELECT * FROM events WHERE site_id = {site:UInt32} AND day >= {p6:Date} AND day < {p3:Date}
            UNION ALL
            SELECT * FROM events WHERE site_id = {site:UInt32} AND (day >= {p0:Date} AND day < {p6:Date} OR day >= {p3:Date} AND day < {p5:Date}) AND began >= {from:DateTime64(3, 'UTC')} AND began < {to:DateTime64(3, 'UTC')}
        ) AS events
        WHERE entry_path IN ({p4:String})
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
-- p4 = /a
-- p5 = 2026-04-02
-- p6 = 2026-03-02
