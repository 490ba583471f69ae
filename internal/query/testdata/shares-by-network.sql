SELECT
    p.d0 AS d0,
    ifNull(p.shares, 0) AS m0,
    ifNull(p.share_visits, 0) AS m1,
    if(p.shares > 0, round(ifNull(p.share_visits, 0) / p.shares, 2), NULL) AS m2
FROM
(
    SELECT
        d0,
        max(u.shares) AS shares,
        max(u.share_visits) AS share_visits
    FROM
    (
        SELECT
            share_network AS d0,
            countIf(name = 'share') AS shares,
            NULL AS share_visits
        FROM sharing
        WHERE site_id = {site:UInt32}
            AND day >= {p0:Date} AND day < {p1:Date}
            AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
            AND name = 'share'
        GROUP BY d0
        UNION ALL
        SELECT
            via_network AS d0,
            NULL AS shares,
            sumIf(entry, via_share != '') AS share_visits
        FROM sharing
        WHERE site_id = {site:UInt32}
            AND day >= {p0:Date} AND day < {p1:Date}
            AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
            AND via_share != ''
        GROUP BY d0
    ) AS u
    GROUP BY d0
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
