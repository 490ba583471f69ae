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
        SELECT *
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
                NULL AS visitors,
                if(countIf(known) > 0, toInt64(sumIf(last, known)), NULL) AS followers,
                if(countIf(grown) > 0, sumIf(toInt64(last) - toInt64(first), grown), NULL) AS gained
            FROM ends
            GROUP BY d0
        )
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
-- oldest = [2026-02-22 23:00:00 2026-03-01 23:00:00 2026-03-08 23:00:00 2026-03-15 23:00:00 2026-03-22 22:00:00 2026-03-24 22:00:00]
-- oldest_before = [2026-02-21 23:00:00 2026-02-22 23:00:00 2026-03-01 23:00:00 2026-03-08 23:00:00 2026-03-15 23:00:00 2026-03-22 22:00:00]
-- first = 2026-01-21 23:00:00
-- last = 2026-03-31 22:00:00
