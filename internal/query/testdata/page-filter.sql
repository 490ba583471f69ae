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
            uniq(visitor) AS visitors,
            NULL AS visits,
            NULL AS bounces,
            NULL AS entries
        FROM events
        WHERE site_id = {site:UInt32}
            AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')})
            AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
            AND path IN ({p0:String})
        UNION ALL
        SELECT
            NULL AS visitors,
            uniq(visit) AS visits,
            NULL AS bounces,
            NULL AS entries
        FROM events
        WHERE site_id = {site:UInt32}
            AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')}) + 1
            AND began >= {from:DateTime64(3, 'UTC')} AND began < {to:DateTime64(3, 'UTC')}
            AND path IN ({p0:String})
        UNION ALL
        SELECT
            NULL AS visitors,
            NULL AS visits,
            sum(bounce) AS bounces,
            sum(entry) AS entries
        FROM events
        WHERE site_id = {site:UInt32}
            AND toDate(ts) >= toDate({from:DateTime64(3, 'UTC')}) AND toDate(ts) <= toDate({to:DateTime64(3, 'UTC')}) + 1
            AND began >= {from:DateTime64(3, 'UTC')} AND began < {to:DateTime64(3, 'UTC')}
            AND entry_path IN ({p0:String})
    ) AS u
) AS p

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- p0 = /a
