SELECT
    p.d0 AS d0,
    nullIf(p.posts, 0) AS m0,
    p.post_likes AS m1,
    if(p.posts_with_likes > 0, round(p.post_likes / p.posts_with_likes, 2), NULL) AS m2,
    p.post_visits AS m3,
    if(p.posts_grown > 0, round(p.gained_after / p.posts_grown, 2), NULL) AS m4
FROM
(
    SELECT
        network AS d0,
        toInt64(count()) AS posts,
        if(count(likes) > 0, toInt64(sum(likes)), NULL) AS post_likes,
        count(likes) AS posts_with_likes,
        if(countIf(page != '' AND (share_id != '' OR has({networks:Array(String)}, network)) AND ts >= (SELECT min(hour) FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0)) > 0, toInt64(sumIf(brought.visits, page != '' AND (share_id != '' OR has({networks:Array(String)}, network)) AND ts >= (SELECT min(hour) FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0))), NULL) AS post_visits,
        sumIf(toInt64(had_after.had) - toInt64(had_before.had), had_before.read_at >= ts - toIntervalDay(7) AND had_after.read_at > ts AND had_after.of_following = had_before.of_following) AS gained_after,
        countIf(had_before.read_at >= ts - toIntervalDay(7) AND had_after.read_at > ts AND had_after.of_following = had_before.of_following) AS posts_grown
    FROM (
        SELECT
            r.network AS network, r.account AS account, r.post AS post,
            argMin(r.published, (r.origin != 'poll', r.published)) AS ts,
            argMaxIf(r.url, (r.ts, r.recorded), r.origin = 'poll' OR r.url != '') AS url,
            argMaxIf(r.text, (r.ts, r.recorded), r.origin = 'poll' OR r.text != '') AS text,
            argMaxIf(r.page, (r.ts, r.recorded), r.origin = 'poll' OR r.page != '' OR r.share_id != '') AS page,
            argMaxIf(r.share_id, (r.ts, r.recorded), r.origin = 'poll' OR r.page != '' OR r.share_id != '') AS share_id,
            argMax(r.likes, (r.ts, r.recorded)) AS likes,
            argMax(r.comments, (r.ts, r.recorded)) AS comments,
            argMax(r.reposts, (r.ts, r.recorded)) AS reposts,
            argMax(r.views, (r.ts, r.recorded)) AS views,
            if(coalesce(likes, comments, reposts) IS NULL, NULL, ifNull(likes, 0) + ifNull(comments, 0) + ifNull(reposts, 0)) AS engagements
        FROM post_figures AS r
        WHERE r.site_id = {site:UInt32} AND r.ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7)
        GROUP BY network, account, post
    ) AS post_rows
    LEFT JOIN
    (
        WITH linking AS
        (
            SELECT network, account, post, page, share_id, toDateTime64(ts, 3, 'UTC') AS since
            FROM (
                SELECT
                    r.network AS network, r.account AS account, r.post AS post,
                    argMin(r.published, (r.origin != 'poll', r.published)) AS ts,
                    argMaxIf(r.url, (r.ts, r.recorded), r.origin = 'poll' OR r.url != '') AS url,
                    argMaxIf(r.text, (r.ts, r.recorded), r.origin = 'poll' OR r.text != '') AS text,
                    argMaxIf(r.page, (r.ts, r.recorded), r.origin = 'poll' OR r.page != '' OR r.share_id != '') AS page,
                    argMaxIf(r.share_id, (r.ts, r.recorded), r.origin = 'poll' OR r.page != '' OR r.share_id != '') AS share_id,
                    argMax(r.likes, (r.ts, r.recorded)) AS likes,
                    argMax(r.comments, (r.ts, r.recorded)) AS comments,
                    argMax(r.reposts, (r.ts, r.recorded)) AS reposts,
                    argMax(r.views, (r.ts, r.recorded)) AS views,
                    if(coalesce(likes, comments, reposts) IS NULL, NULL, ifNull(likes, 0) + ifNull(comments, 0) + ifNull(reposts, 0)) AS engagements
                FROM post_figures AS r
                WHERE r.site_id = {site:UInt32} AND r.ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7)
                GROUP BY network, account, post
            )
            WHERE page != '' AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
            ORDER BY account, post
        )
        SELECT to_post.1 AS network, to_post.2 AS account, to_post.3 AS post, count() AS visits, sum(shares) AS shares
        FROM
        (
            SELECT
                came.shares AS shares,
                multiIf(
                    here.since > came.at - toIntervalDay(7), (here.network, here.account, here.post),
                    linked.since > came.at - toIntervalDay(7), (linked.network, linked.account, linked.post),
                    ('', '', '')) AS to_post
            FROM (
                SELECT
                    visit, minIf(ts, entry = 1) AS at, any(entry_path) AS page, any(via_share) AS through,
                    transform(any(toString(source)), {sources:Array(String)}, {networks:Array(String)}, '') AS network,
                    countIf(name = 'share') AS shares
                FROM events
                WHERE site_id = {site:UInt32}
                AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')} + toIntervalDay(8))
                AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(8)
                AND (entry = 1 OR name = 'share')
                AND via_share IN (SELECT share_id FROM linking WHERE share_id != '')
                GROUP BY visit
                HAVING countIf(entry = 1) > 0
            ) AS came
            ASOF LEFT JOIN (SELECT * FROM linking WHERE share_id != '' LIMIT 1 BY share_id, network, since) AS here
                ON here.share_id = came.through AND here.network = came.network AND here.since <= came.at
            ASOF LEFT JOIN (SELECT * FROM linking WHERE share_id != '' LIMIT 1 BY share_id, since) AS linked
                ON linked.share_id = came.through AND linked.since <= came.at
            UNION ALL
            SELECT
                came.shares AS shares,
                if(latest.since > came.at - toIntervalDay(7), (latest.network, latest.account, latest.post), ('', '', '')) AS to_post
            FROM (
                SELECT
                    visit, minIf(ts, entry = 1) AS at, any(entry_path) AS page, any(via_share) AS through,
                    transform(any(toString(source)), {sources:Array(String)}, {networks:Array(String)}, '') AS network,
                    countIf(name = 'share') AS shares
                FROM events
                WHERE site_id = {site:UInt32}
                AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')} + toIntervalDay(8))
                AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(8)
                AND (entry = 1 OR name = 'share')
                AND via_share = '' AND has({sources:Array(String)}, source) AND entry_path IN (SELECT page FROM linking)
                GROUP BY visit
                HAVING countIf(entry = 1) > 0
            ) AS came
            ASOF LEFT JOIN (SELECT * FROM linking LIMIT 1 BY network, page, since) AS latest
                ON latest.network = came.network AND latest.page = came.page AND latest.since <= came.at
        )
        GROUP BY to_post
    ) AS brought USING (network, account, post)
    ASOF LEFT JOIN (
        SELECT * FROM
        (
            SELECT network AS of_network, account AS of_account, ts AS read_at, followers AS had, ended,
                sum(ended) OVER (PARTITION BY network, account ORDER BY ts) AS of_following
            FROM follower_counts FINAL
            WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
        )
        WHERE NOT ended
    ) AS had_before ON had_before.of_network = post_rows.network AND had_before.of_account = post_rows.account AND had_before.read_at <= post_rows.ts
    ASOF LEFT JOIN (
        SELECT * FROM
        (
            SELECT network AS of_network, account AS of_account, ts AS read_at, followers AS had, ended,
                sum(ended) OVER (PARTITION BY network, account ORDER BY ts) AS of_following
            FROM follower_counts FINAL
            WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
        )
        WHERE NOT ended
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
