SELECT
    p.d0 AS d0,
    p.d1 AS d1,
    p.followers AS m0,
    if(p.before_since > 0 AND {passed:Float64} * p.read_since >= {least:Float64}, round(p.followers - p.before_since - p.gained_since + p.before_since * pow((p.before_since + p.gained_since) / p.before_since, 1 / ({passed:Float64} * p.read_since))), NULL) AS n0,
    p.rounded AS n1
FROM
(
    SELECT
        bucket AS d0,
        network AS d1,
        if(countIf(known) > 0, toInt64(sumIf(last, known)), NULL) AS followers,
        if(countIf(grown AND carried) > 0, sumIf(toInt64(last) - toInt64(first), grown AND carried), NULL) AS gained_since,
        if(countIf(grown AND carried) > 0, toInt64(sumIf(first, grown AND carried)), NULL) AS before_since,
        if(sumIf(first, grown AND carried) > 0, sumIf(first * dateDiff('second', first_at, last_at) / greatest(1, dateDiff('second', start, until)), grown AND carried) / sumIf(first, grown AND carried), NULL) AS read_since,
        if(countIf(known) > 0, countIf((known AND last_rounded) OR (grown AND first_rounded)), NULL) AS rounded
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
                    AND NOT has({others:Array(String)}, concat(network, '/', account))
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
    GROUP BY d0, d1
) AS p
ORDER BY d0 ASC NULLS LAST, m0 DESC NULLS LAST, d1 ASC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- passed = 0.631225
-- least = 0.200000
-- others = [bluesky/rival.example]
-- buckets = [2026-03-01]
-- starts = [2026-02-28 23:00:00]
-- untils = [2026-03-20 12:00:01]
-- bounds = [0 1772319600]
-- oldest = [2026-02-28 23:00:00]
-- oldest_before = [2026-01-29 00:00:00]
-- first = 2025-12-29 00:00:00
-- last = 2026-03-20 12:00:01
