SELECT
    p.d0 AS d0,
    p.d1 AS d1,
    p.followers AS m0,
    if(p.before_since > 0 AND {passed:Float64} * p.read_since >= {least:Float64}, round(p.followers - p.before_since - p.gained_since + p.before_since * pow((p.before_since + p.gained_since) / p.before_since, 1 / ({passed:Float64} * p.read_since))), NULL) AS n0,
    p.rounded AS n1
FROM
(
    WITH
        readings AS
        (
            SELECT network, account, ts, followers, rounded, ended,
                sum(ended) OVER (PARTITION BY network, account ORDER BY ts) AS following
            FROM follower_counts FINAL
            WHERE site_id = {site:UInt32}
                AND NOT has({others:Array(String)}, concat(network, '/', account))
                AND ts >= {first:DateTime('UTC')} AND ts < {last:DateTime('UTC')}
        ),
        spans AS
        (
            SELECT network, account, span.1 AS bucket, span.2 AS start, span.3 AS until, span.4 AS oldest, span.5 AS oldest_before
            FROM (SELECT DISTINCT network, account FROM readings)
            ARRAY JOIN arrayZip({buckets:Array(Date)}, {starts:Array(DateTime('UTC'))}, {untils:Array(DateTime('UTC'))},
                {oldest:Array(DateTime('UTC'))}, {oldest_before:Array(DateTime('UTC'))}) AS span
        ),
        lasts AS
        (
            SELECT spans.*, e.followers AS last, if(e.ended, toDateTime(0, 'UTC'), e.ts) AS last_at, e.rounded AS last_rounded, e.following AS following
            FROM spans
            ASOF LEFT JOIN readings AS e ON e.network = spans.network AND e.account = spans.account AND e.ts < spans.until
        ),
        ends AS
        (
            SELECT
                lasts.network AS network, lasts.account AS account, lasts.bucket AS bucket, lasts.until AS until, lasts.start AS start,
                lasts.last AS last,
                lasts.last_at AS last_at,
                lasts.last_rounded AS last_rounded,
                last_at >= lasts.oldest AS known,
                s.ts >= lasts.oldest_before AND NOT s.ended AS carried,
                if(carried, s.followers, i.followers) AS first,
                if(carried, s.ts, i.ts) AS first_at,
                if(carried, s.rounded, i.rounded) AS first_rounded,
                known AND first_at >= lasts.oldest_before AND first_at < last_at AS grown
            FROM lasts
            ASOF LEFT JOIN readings AS s ON s.network = lasts.network AND s.account = lasts.account AND s.following = lasts.following AND s.ts < lasts.start
            ASOF LEFT JOIN (SELECT * FROM readings WHERE NOT ended) AS i ON i.network = lasts.network AND i.account = lasts.account AND i.following = lasts.following AND i.ts >= lasts.start
        )
    SELECT
        bucket AS d0,
        network AS d1,
        if(countIf(known) > 0, toInt64(sumIf(last, known)), NULL) AS followers,
        if(countIf(grown AND carried) > 0, sumIf(toInt64(last) - toInt64(first), grown AND carried), NULL) AS gained_since,
        if(countIf(grown AND carried) > 0, toInt64(sumIf(first, grown AND carried)), NULL) AS before_since,
        if(sumIf(first, grown AND carried) > 0, sumIf(first * dateDiff('second', first_at, last_at) / greatest(1, dateDiff('second', start, until)), grown AND carried) / sumIf(first, grown AND carried), NULL) AS read_since,
        if(countIf(known) > 0, countIf((known AND last_rounded) OR (grown AND first_rounded)), NULL) AS rounded
    FROM ends
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
-- oldest = [2026-02-28 23:00:00]
-- oldest_before = [2026-01-29 00:00:00]
-- first = 2025-12-29 00:00:00
-- last = 2026-03-20 12:00:01
