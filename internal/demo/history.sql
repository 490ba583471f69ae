-- Events of one site for some days, made inside ClickHouse. {…} are numbers and
-- lists of the generator's own; nothing here comes from outside.
--
-- Visits of a day are numbered k = day × block × 1,000,000 + i in order of time.
-- Each block of visits (37, unless more shares are wanted) has one sharer; a visit
-- through a share names a sharer of an earlier block of the same day, so shares of
-- shares form chains that end at four. A row's increments follow
-- internal/event.Row.
INSERT INTO events (site_id, ts, name, visitor, visit, began, hostname, path, entry_path, referrer, source, medium, channel,
    utm_source, utm_medium, utm_campaign, country, device, browser, browser_version, os, os_version,
    via_share, share_id, share_network, share_kind, share_parent,
    share_root, share_generation, via_network, via_kind, via_generation, via_age,
    entry, bounce, gap_ms, engaged_ms, scroll, scrolled, read)
SETTINGS insert_deduplication_token = '{token}', max_insert_threads = 1, max_threads = 1
WITH
    {seed}::UInt64 AS seed,
    {site}::UInt32 AS site,
    {days} AS days, -- (day number, start in ms, visits, weekend, lag in blocks, its place in page_slots, how many of these are for pages that nobody shares)
    {page_slots} AS page_slots, -- 128 a day; lists in lists would be copied for every row
    {minutes} AS minutes, -- 512 quantiles of the minute of a working day, then of a weekend's
    {paths} AS paths,
    {lang} AS langs, -- of each page: its place in countries
    {pull} AS dwell_factor, -- of each page
    {countries} AS countries,
    {sources} AS sources, -- (source, medium, channel, referrer, utm_source, utm_medium, utm_campaign)
    {source_slots} AS source_slots,
    {networks} AS networks, -- (network, kind, index of the source its readers come with)
    {network_slots} AS network_slots,
    {agents} AS agents,
    {agent_slots} AS agent_slots,
    '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ' AS digits,
    (x, tag) -> cityHash64(seed, site, x, tag) AS h,
    b -> b * {block} + h(b, 'position') % {block} AS sharer_of,
    x -> intDiv(x, {block}) - lag > first_block AND h(x, 'via') % 100 < {via_percent} AS is_via,
    -- of an earlier block, most often of one just before
    x -> sharer_of(toUInt64(intDiv(x, {block}) - lag - 1 - floor(pow((h(x, 'lag') % 100000) / 100000., 2) * (intDiv(x, {block}) - lag - first_block)))) AS parent_of,
    -- ms that visit x looks at its page j, the page being of that factor
    (x, j, factor) -> toInt64(least(900000, 3000 - log((1 + h(x, 1000 + j) % 99999) / 100000.) * 42000 * factor)) AS dwell_of,
    -- when the visit x of a day begins
    (d, x) -> tupleElement(d, 2) + 60000 * minutes[1 + 512 * tupleElement(d, 4) + toUInt32(floor(512. * (x % {block}000000) / tupleElement(d, 3)))] + h(x, 'ms') % 90000 AS start_of,
    (generation, s, tag) -> concat(toString(generation), arrayStringConcat(arrayMap(p -> substring(digits, 1 + intDiv(h(s, tag), p) % 62, 1),
        [1, 62, 3844, 238328, 14776336, 916132832, 56800235584, 3521614606208, 218340105584896]))) AS share_id_of
SELECT
    site,
    fromUnixTimestamp64Milli(toInt64(started + offset_ms), 'UTC') AS ts,
    ['pageview', 'engagement', 'share'][kind] AS name,
    visitor,
    h(k, 'visit') AS visit,
    fromUnixTimestamp64Milli(toInt64(started), 'UTC') AS began,
    '{hostname}' AS hostname,
    paths[page] AS path,
    paths[entry_page] AS entry_path,
    tupleElement(src, 4) AS referrer, tupleElement(src, 1) AS source,
    if(via1, 'share', tupleElement(src, 2)) AS medium, if(via1, '{via_channel}', tupleElement(src, 3)) AS channel,
    tupleElement(src, 5) AS utm_source, tupleElement(src, 6) AS utm_medium, tupleElement(src, 7) AS utm_campaign,
    countries[langs[entry_page] + h(visitor, 'country') % 200] AS country,
    tupleElement(agent, 1) AS device, tupleElement(agent, 2) AS browser, tupleElement(agent, 3) AS browser_version,
    tupleElement(agent, 4) AS os, tupleElement(agent, 5) AS os_version,
    if(via1, share_id_of(1 + via2 + via2 * via3 + via2 * via3 * via4, parent1, 'share'), '') AS via_share,
    if(kind = 3, share_id_of(1 + via1 + via1 * via2 + via1 * via2 * via3, k, if(nth = 1, 'share', 'share again')), '') AS share_id,
    if(kind = 3, tupleElement(if(nth = 1, net, networks[network_slots[1 + h(k, 'network again') % 100]]), 1), '') AS share_network,
    if(kind = 3, tupleElement(if(nth = 1, net, networks[network_slots[1 + h(k, 'network again') % 100]]), 2), '') AS share_kind,
    if(kind = 3, via_share, '') AS share_parent,
    multiIf(kind != 3, '', NOT via1, share_id, share_id_of(1, multiIf(NOT via2, parent1, NOT via3, parent2, NOT via4, parent3, parent4), 'share')) AS share_root,
    toUInt8(if(kind = 3, 1 + via1 + via2 + via3, 0)) AS share_generation,
    if(via1, tupleElement(net_before, 1), '') AS via_network,
    if(via1, tupleElement(net_before, 2), '') AS via_kind,
    toUInt8(if(via1, 1 + via2 + via3 + via4, 0)) AS via_generation,
    toUInt32(if(via1 AND kind = 1 AND j = 1, intDiv(greatest(0, started - parent_shared), 1000), 0)) AS via_age,
    toUInt8(kind = 1 AND j = 1) AS entry,
    toInt8(multiIf(kind = 1 AND j = 1, 1, (kind = 1 AND j = 2 AND NOT shares_first) OR (kind = 3 AND nth = 1 AND shares_first), -1, 0)) AS bounce,
    toUInt32(offset_ms - before_ms) AS gap_ms,
    toUInt32(if(kind = 2, intDiv(dwell[j] * 17, 20), 0)) AS engaged_ms,
    toUInt8(if(kind = 2, depth[j], 0)) AS scroll,
    toUInt8(kind = 2) AS scrolled,
    toUInt8(kind = 2 AND engaged_ms >= {read_ms} AND scroll >= {read_scroll}) AS read
FROM
(
    SELECT *,
        -- (kind, page view, nth share, offset, offset of the event before)
        arrayConcat(
            arrayMap(j -> (1, j, 0, starts[j], if(j = 1, toInt64(0), starts[j] - 1500)), range(1, views + 1)),
            if(hasty, [], arrayMap(j -> (2, j, 0, starts[j] + dwell[j],
                if(shares > 0 AND j = 1, starts[1] + intDiv(dwell[1] * (6 + shares), 10), starts[j])), range(1, views + 1))),
            arrayMap(s -> (3, 1, s, starts[1] + intDiv(dwell[1] * (6 + s), 10), if(s = 1, starts[1], starts[1] + intDiv(dwell[1] * (5 + s), 10))), range(1, shares + 1))
        ) AS events_of,
        shares > 0 AS shares_first
    FROM
    (
        SELECT *,
            arrayMap(j -> if(hasty, toInt64(0), dwell_of(k, j, dwell_factor[pages[j]])), range(1, views + 1)) AS dwell,
            -- A reader lands on the page that the sharer entered by.
            if(via1, toInt64(start_of(day, parent1)) + intDiv(dwell_of(parent1, 1, dwell_factor[entry_page]) * 7, 10), 0) AS parent_shared,
            arrayMap((d, j) -> toUInt8(least(100, 12 + h(k, 2000 + j) % 35 + intDiv(d, 900))), dwell, range(1, views + 1)) AS depth,
            arrayMap(j -> toInt64(arraySum(arraySlice(dwell, 1, j - 1)) + 1500 * (j - 1)), range(1, views + 1)) AS starts
        FROM
        (
            SELECT *,
                toUInt8(k = sharer_of(intDiv(k, {block}))) * (1 + toUInt8(h(k, 'shares') % 8 = 0)) AS shares,
                if(via1 OR shares > 0, tupleElement(day, 7), 0) AS unshared,
                page_slots[tupleElement(day, 6) + unshared + h(multiIf(NOT via1, k, NOT via2, parent1, NOT via3, parent2, NOT via4, parent3, parent4), 'page') % (128 - unshared)] AS entry_page,
                arrayConcat([entry_page], arrayMap(j -> page_slots[tupleElement(day, 6) + h(k, 3000 + j) % 128], range(2, views + 1))) AS pages,
                networks[network_slots[1 + h(k, 'network') % 100]] AS net,
                networks[network_slots[1 + h(parent1, 'network') % 100]] AS net_before,
                if(via1, sources[tupleElement(net_before, 3)], sources[source_slots[1 + h(k, 'source') % 200]]) AS src,
                agents[agent_slots[1 + h(visitor, 'agent') % 100]] AS agent,
                shares = 0 AND views = 1 AND h(k, 'hasty') % 100 < 18 AS hasty
            FROM
            (
                SELECT *,
                    cityHash64(seed, site, tupleElement(day, 1), if(h(k, 'returns') % 9 = 0 AND i > 0, i - 1, i)) AS visitor,
                    toUInt8(multiIf(h(k, 'views') % 100 < 60, 1, h(k, 'views') % 100 < 80, 2, h(k, 'views') % 100 < 90, 3, 4 + h(k, 'more views') % 4)) AS views,
                    start_of(day, k) AS started
                -- One level a select: as one expression the names alone would fill pages.
                FROM (SELECT *, via3 AND is_via(parent3) AS via4, if(via4, parent_of(parent3), 0) AS parent4
                FROM (SELECT *, via2 AND is_via(parent2) AS via3, if(via3, parent_of(parent2), 0) AS parent3
                FROM (SELECT *, via1 AND is_via(parent1) AS via2, if(via2, parent_of(parent1), 0) AS parent2
                FROM (SELECT *, is_via(k) AS via1, if(via1, parent_of(k), 0) AS parent1
                FROM
                (
                    SELECT day, i, tupleElement(day, 1) * {block}000000 + i AS k,
                        tupleElement(day, 1) * 1000000 AS first_block, tupleElement(day, 5) AS lag
                    FROM (SELECT arrayJoin(days) AS day)
                    ARRAY JOIN range({from}, least(tupleElement(day, 3), {to})) AS i
                )))))
            )
        )
    )
)
ARRAY JOIN
    events_of.1 AS kind, events_of.2 AS j, events_of.3 AS nth, events_of.4 AS offset_ms, events_of.5 AS before_ms,
    arrayMap(e -> pages[e.2], events_of) AS page
WHERE ts <= fromUnixTimestamp64Milli({until}, 'UTC')
