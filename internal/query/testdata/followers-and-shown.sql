SELECT
    p.d0 AS d0,
    p.followers AS m0,
    p.gained AS m1,
    ifNull(p.visitors, 0) AS m2,
    ifNull(p.visitors, 0) AS largest
FROM
(
    SELECT
        d0,
        max(u.visitors) AS visitors,
        max(u.followers) AS followers,
        max(u.gained) AS gained
    FROM
    (
        SELECT
            toMonday(hour, {tz:String}) AS d0,
            uniqMerge(t.visitors) AS visitors,
            NULL AS followers,
            NULL AS gained
        FROM totals_hourly AS t
        WHERE site_id = {site:UInt32}
            AND hour >= toDateTime({from:DateTime64(3, 'UTC')}) AND hour < toDateTime({to:DateTime64(3, 'UTC')})
        GROUP BY d0
        UNION ALL
        SELECT
            bucket AS d0,
            NULL AS visitors,
            if(countIf(known) > 0, toInt64(sumIf(last, known)), NULL) AS followers,
            if(countIf(grown) > 0, sumIf(toInt64(last) - toInt64(first), grown), NULL) AS gained
        FROM
        (
            SELECT
                network, account, bucket, start, until,
                end.2 AS last, end.3 AS last_rounded, if(end.4, toDateTime(0, 'UTC'), end.1) AS last_at,
                before.1 >= oldest_before AND NOT before.4 AND NOT restarted AS carried,
                if(carried, before, inside) AS compared,
                compared.1 AS first_at, compared.2 AS first, compared.3 AS first_rounded,
                last_at >= oldest AS known,
                known AND first_at >= oldest_before AND first_at < last_at AS grown
            FROM
            (
                SELECT
                    network, account,
                    arrayResize(groupArrayInsertAt((taken[-1], taken[ended_at + 1], ended_at > 0), place), length({bounds:Array(UInt32)})) AS places,
                    arrayFill(r -> toUInt32(r.1) > 0, places.1) AS ends
                FROM
                (
                    SELECT
                        network, account,
                        toUInt32(indexOf({bounds:Array(UInt32)}, roundDown(toUInt32(ts), {bounds:Array(UInt32)})) - 1) AS place,
                        arraySort(groupArray((ts, followers, rounded, ended))) AS taken,
                        arrayLastIndex(r -> r.4, taken) AS ended_at
                    FROM follower_counts FINAL
                    WHERE site_id = {site:UInt32}
                        AND ts >= {first:DateTime('UTC')} AND ts < {last:DateTime('UTC')}
                    GROUP BY network, account, place
                )
                GROUP BY network, account
            )
            ARRAY JOIN
                {buckets:Array(Date)} AS bucket, {starts:Array(DateTime('UTC'))} AS start, {untils:Array(DateTime('UTC'))} AS until,
                {oldest:Array(DateTime('UTC'))} AS oldest, {oldest_before:Array(DateTime('UTC'))} AS oldest_before,
                arrayPopBack(ends) AS before, arrayPopFront(ends) AS end, arrayPopFront(places.2) AS inside, arrayPopFront(places.3) AS restarted
        )
        GROUP BY d0
    ) AS u
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
-- buckets = [2026-02-23 2026-03-02 2026-03-09 2026-03-16 2026-03-23 2026-03-30]
-- starts = [2026-02-28 23:00:00 2026-03-01 23:00:00 2026-03-08 23:00:00 2026-03-15 23:00:00 2026-03-22 23:00:00 2026-03-29 22:00:00]
-- untils = [2026-03-01 23:00:00 2026-03-08 23:00:00 2026-03-15 23:00:00 2026-03-22 23:00:00 2026-03-29 22:00:00 2026-03-31 22:00:00]
-- bounds = [0 1772319600 1772406000 1773010800 1773615600 1774220400 1774821600]
-- oldest = [2026-02-22 23:00:00 2026-03-01 23:00:00 2026-03-08 23:00:00 2026-03-15 23:00:00 2026-03-22 22:00:00 2026-03-24 22:00:00]
-- oldest_before = [2026-02-21 23:00:00 2026-02-22 23:00:00 2026-03-01 23:00:00 2026-03-08 23:00:00 2026-03-15 23:00:00 2026-03-22 22:00:00]
-- first = 2026-01-21 23:00:00
-- last = 2026-03-31 22:00:00
