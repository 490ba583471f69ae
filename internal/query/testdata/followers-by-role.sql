SELECT
    p.d0 AS d0,
    if(p.before > 0, round(100 * p.gained / p.before, 2), NULL) AS m0
FROM
(
    SELECT
        if(has({others:Array(String)}, concat(network, '/', account)), 'competitor', 'own') AS d0,
        if(countIf(grown) > 0, sumIf(toInt64(last) - toInt64(first), grown), NULL) AS gained,
        if(countIf(grown) > 0, toInt64(sumIf(first, grown)), NULL) AS before
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
            {buckets:Array(DateTime('UTC'))} AS bucket, {starts:Array(DateTime('UTC'))} AS start, {untils:Array(DateTime('UTC'))} AS until,
            {oldest:Array(DateTime('UTC'))} AS oldest, {oldest_before:Array(DateTime('UTC'))} AS oldest_before,
            arrayPopBack(ends) AS before, arrayPopFront(ends) AS end, arrayPopFront(places.2) AS inside, arrayPopFront(places.3) AS restarted
    )
    GROUP BY d0
) AS p
ORDER BY m0 DESC NULLS LAST, d0 ASC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- others = [bluesky/rival.example]
-- buckets = [2026-02-28 23:00:00]
-- starts = [2026-02-28 23:00:00]
-- untils = [2026-03-31 22:00:00]
-- bounds = [0 1772319600]
-- oldest = [2026-02-28 23:00:00]
-- oldest_before = [2026-01-29 00:00:00]
-- first = 2025-12-29 00:00:00
-- last = 2026-03-31 22:00:00
