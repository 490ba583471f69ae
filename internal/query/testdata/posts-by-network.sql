SELECT
    p.d0 AS d0,
    nullIf(p.posts, 0) AS m0,
    p.post_likes AS m1,
    if(p.posts_with_likes > 0, round(p.post_likes / p.posts_with_likes, 2), NULL) AS m2,
    p.post_visits AS m3,
    round(p.mean_gained_after, 2) AS m4
FROM
(
    SELECT
        network AS d0,
        toInt64(count()) AS posts,
        toInt64(sum(likes)) AS post_likes,
        count(likes) AS posts_with_likes,
        toInt64(sumOrNullIf(brought.visits, page != '' AND (share_id != '' OR has({networks:Array(String)}, network)) AND ts >= (SELECT min(hour) FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0))) AS post_visits,
        avg(if(had_before.read_at >= ts - toIntervalDay(7) AND had_after.read_at > ts AND had_after.of_following = had_before.of_following, toInt64(had_after.had) - toInt64(had_before.had), NULL)) AS mean_gained_after
    FROM (
        SELECT
            network, account, post,
            argMin(published, (NOT polled, published)) AS ts,
            argMaxIf(r.url, said, polled OR r.url != '') AS url,
            argMaxIf(r.text, said, polled OR r.text != '') AS text,
            argMaxIf(r.page, said, polled OR r.page != '' OR r.share_id != '') AS page,
            argMaxIf(r.share_id, said, polled OR r.page != '' OR r.share_id != '') AS share_id,
            argMax(r.likes, said) AS likes,
            argMax(r.comments, said) AS comments,
            argMax(r.reposts, said) AS reposts,
            argMax(r.views, said) AS views
        FROM
        (
            SELECT *, (ts, recorded) AS said, origin = 'poll' AS polled
            FROM post_figures
            WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7)
        ) AS r
        GROUP BY network, account, post
    ) AS post_rows
    LEFT JOIN
    (
        SELECT claim, count() AS visits, sum(shared) AS shares
        FROM
        (
            SELECT
                shared.times AS shared,
                multiIf(
                    here.since > came.at - toIntervalDay(7), here.id,
                    came.by_share AND anywhere.since > came.at - toIntervalDay(7), anywhere.id,
                    0) AS claim
            FROM
            (
                SELECT false AS by_share, entry_path AS link, transform(source, {sources:Array(String)}, {networks:Array(String)}, '') AS network, ts AS at, visit
                FROM events
                PREWHERE site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')} + toIntervalDay(8)) AND entry = 1 AND source IN {sources:Array(String)}
                WHERE (SELECT count() > 0 FROM post_figures WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND page != '') AND via_share = '' AND entry_path IN (SELECT page FROM post_figures WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND page != '')
                UNION ALL
                SELECT true AS by_share, via_share AS link, transform(source, {sources:Array(String)}, {networks:Array(String)}, '') AS network, ts AS at, visit
                FROM sharing
                WHERE site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')} + toIntervalDay(8)) AND entry = 1 AND via_share != '' AND via_share IN (SELECT share_id FROM post_figures WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND page != '')
            ) AS came
            ASOF LEFT JOIN (
                SELECT cityHash64(by.1, by.2, network) AS key, cityHash64(network, account, post) AS id, toDateTime64(ts, 3, 'UTC') AS since
                FROM (
                    SELECT
                        network, account, post,
                        argMin(published, (NOT polled, published)) AS ts,
                        argMaxIf(r.page, said, polled OR r.page != '' OR r.share_id != '') AS page,
                        argMaxIf(r.share_id, said, polled OR r.page != '' OR r.share_id != '') AS share_id
                    FROM
                    (
                        SELECT *, (ts, recorded) AS said, origin = 'poll' AS polled
                        FROM post_figures
                        WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7)
                    ) AS r
                    GROUP BY network, account, post
                )
                ARRAY JOIN if(share_id = '', [(false, page)], [(false, page), (true, share_id)]) AS by
                WHERE page != '' AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
                ORDER BY account, post
                LIMIT 1 BY key, since
            ) AS here
                ON here.key = cityHash64(came.by_share, came.link, came.network) AND here.since <= came.at
            ASOF LEFT JOIN (
                SELECT cityHash64(by.1, by.2) AS key, cityHash64(network, account, post) AS id, toDateTime64(ts, 3, 'UTC') AS since
                FROM (
                    SELECT
                        network, account, post,
                        argMin(published, (NOT polled, published)) AS ts,
                        argMaxIf(r.page, said, polled OR r.page != '' OR r.share_id != '') AS page,
                        argMaxIf(r.share_id, said, polled OR r.page != '' OR r.share_id != '') AS share_id
                    FROM
                    (
                        SELECT *, (ts, recorded) AS said, origin = 'poll' AS polled
                        FROM post_figures
                        WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7)
                    ) AS r
                    GROUP BY network, account, post
                )
                ARRAY JOIN if(share_id = '', [(false, page)], [(false, page), (true, share_id)]) AS by
                WHERE page != '' AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
                ORDER BY account, post
                LIMIT 1 BY key, since
            ) AS anywhere
                ON anywhere.key = cityHash64(came.by_share, came.link) AND anywhere.since <= came.at
            LEFT JOIN (SELECT visit, count() AS times FROM sharing WHERE site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')} + toIntervalDay(8)) AND name = 'share' GROUP BY visit) AS shared
                ON shared.visit = came.visit
        )
        GROUP BY claim
    ) AS brought ON brought.claim = cityHash64(post_rows.network, post_rows.account, post_rows.post)
    ASOF LEFT JOIN (
        SELECT of_network, of_account, reading.1 AS read_at, reading.2 AS had, reading.3 AS of_following, following.1 AS next_at, following.2 AS next_had
        FROM
        (
            SELECT of_network, of_account, arraySort(groupArray((read_at, had, of_following))) AS readings
            FROM
            (
                SELECT network AS of_network, account AS of_account, ts AS read_at, followers AS had, ended,
                    sum(ended) OVER (PARTITION BY network, account ORDER BY ts) AS of_following
                FROM follower_counts FINAL
                WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
            )
            WHERE NOT ended
            GROUP BY of_network, of_account
        )
        ARRAY JOIN arrayPushFront(readings, (toDateTime(0, 'UTC'), 0, 0)) AS reading, arrayPushBack(readings, (toDateTime(0, 'UTC'), 0, 0)) AS following
    ) AS had_before ON had_before.of_network = post_rows.network AND had_before.of_account = post_rows.account AND had_before.read_at <= post_rows.ts
    ASOF LEFT JOIN (
        SELECT of_network, of_account, reading.1 AS read_at, reading.2 AS had, reading.3 AS of_following, following.1 AS next_at, following.2 AS next_had
        FROM
        (
            SELECT of_network, of_account, arraySort(groupArray((read_at, had, of_following))) AS readings
            FROM
            (
                SELECT network AS of_network, account AS of_account, ts AS read_at, followers AS had, ended,
                    sum(ended) OVER (PARTITION BY network, account ORDER BY ts) AS of_following
                FROM follower_counts FINAL
                WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
            )
            WHERE NOT ended
            GROUP BY of_network, of_account
        )
        ARRAY JOIN arrayPushFront(readings, (toDateTime(0, 'UTC'), 0, 0)) AS reading, arrayPushBack(readings, (toDateTime(0, 'UTC'), 0, 0)) AS following
    ) AS had_after ON had_after.of_network = post_rows.network AND had_after.of_account = post_rows.account AND had_after.read_at <= post_rows.ts + toIntervalDay(7)
    WHERE ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        AND account IN ({p0:String})
    GROUP BY d0
) AS p
ORDER BY m0 DESC NULLS LAST, d0 ASC NULLS LAST

-- site = 1
-- tz = Europe/Paris
-- from = 2026-02-28 23:00:00.000
-- to = 2026-03-31 22:00:00.000
-- networks = [mastodon x]
-- sources = [Mastodon X]
-- p0 = @a@b.example
