SELECT
    p.d0 AS d0,
    if(p.before > 0, round(100 * p.gained / p.before, 2), NULL) AS m0
FROM
(
    WITH
        readings AS
        (
            SELECT network, account, ts, followers, rounded, ended,
                sum(ended) OVER (PARTITION BY network, account ORDER BY ts) AS following
            FROM follower_counts FINAL
            WHERE site_id = {site:UInt32}
                AND ts >= {first:DateTime('UTC')} AND ts < {last:DateTime('UTC')}
        ),
        spans AS
        (
            SELECT network, account, span.1 AS bucket, span.2 AS start, span.3 AS until, span.4 AS oldest, span.5 AS oldest_before
            FROM (SELECT DISTINCT network, account FROM readings)
            ARRAY JOIN arrayZip({buckets:Array(DateTime('UTC'))}, {starts:Array(DateTime('UTC'))}, {untils:Array(DateTime('UTC'))},
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
        if(has({others:Array(String)}, concat(network, '/', account)), 'competitor', 'own') AS d0,
        if(countIf(grown) > 0, sumIf(toInt64(last) - toInt64(first), grown), NULL) AS gained,
        if(countIf(grown) > 0, toInt64(sumIf(first, grown)), NULL) AS before
    FROM ends
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
-- oldest = [2026-02-28 23:00:00]
-- oldest_before = [2026-01-29 00:00:00]
-- first = 2025-12-29 00:00:00
-- last = 2026-03-31 22:00:00
