-- The columns, sort orders, projections and the hourly view of Umami 3.1's
-- tables for ClickHouse.
CREATE TABLE website_event
(
    website_id UUID,
    session_id UUID,
    visit_id UUID,
    event_id UUID,
    hostname LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    device LowCardinality(String),
    screen LowCardinality(String),
    language LowCardinality(String),
    country LowCardinality(String),
    region LowCardinality(String),
    city String,
    url_path String,
    url_query String,
    utm_source String,
    utm_medium String,
    utm_campaign String,
    utm_content String,
    utm_term String,
    referrer_path String,
    referrer_query String,
    referrer_domain String,
    page_title String,
    gclid String,
    fbclid String,
    msclkid String,
    ttclid String,
    li_fat_id String,
    twclid String,
    lcp Nullable(Decimal(10, 1)),
    inp Nullable(Decimal(10, 1)),
    cls Nullable(Decimal(10, 4)),
    fcp Nullable(Decimal(10, 1)),
    ttfb Nullable(Decimal(10, 1)),
    event_type UInt32,
    event_name String,
    tag String,
    distinct_id String,
    created_at DateTime('UTC'),
    job_id Nullable(UUID),
    PROJECTION by_path (SELECT * ORDER BY toStartOfDay(created_at), website_id, url_path, created_at),
    PROJECTION by_referrer (SELECT * ORDER BY toStartOfDay(created_at), website_id, referrer_domain, created_at)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
PRIMARY KEY (toStartOfHour(created_at), website_id, session_id, visit_id)
ORDER BY (toStartOfHour(created_at), website_id, session_id, visit_id, created_at);

CREATE TABLE website_event_stats_hourly
(
    website_id UUID,
    session_id UUID,
    visit_id UUID,
    hostname SimpleAggregateFunction(groupArrayArray, Array(String)),
    browser LowCardinality(String),
    os LowCardinality(String),
    device LowCardinality(String),
    screen LowCardinality(String),
    language LowCardinality(String),
    country LowCardinality(String),
    region LowCardinality(String),
    city String,
    entry_url AggregateFunction(argMin, String, DateTime('UTC')),
    exit_url AggregateFunction(argMax, String, DateTime('UTC')),
    url_path SimpleAggregateFunction(groupArrayArray, Array(String)),
    url_query SimpleAggregateFunction(groupArrayArray, Array(String)),
    utm_source SimpleAggregateFunction(groupArrayArray, Array(String)),
    utm_medium SimpleAggregateFunction(groupArrayArray, Array(String)),
    utm_campaign SimpleAggregateFunction(groupArrayArray, Array(String)),
    utm_content SimpleAggregateFunction(groupArrayArray, Array(String)),
    utm_term SimpleAggregateFunction(groupArrayArray, Array(String)),
    referrer_domain SimpleAggregateFunction(groupArrayArray, Array(String)),
    page_title SimpleAggregateFunction(groupArrayArray, Array(String)),
    gclid SimpleAggregateFunction(groupArrayArray, Array(String)),
    fbclid SimpleAggregateFunction(groupArrayArray, Array(String)),
    msclkid SimpleAggregateFunction(groupArrayArray, Array(String)),
    ttclid SimpleAggregateFunction(groupArrayArray, Array(String)),
    li_fat_id SimpleAggregateFunction(groupArrayArray, Array(String)),
    twclid SimpleAggregateFunction(groupArrayArray, Array(String)),
    event_type UInt32,
    event_name SimpleAggregateFunction(groupArrayArray, Array(String)),
    views SimpleAggregateFunction(sum, UInt64),
    min_time SimpleAggregateFunction(min, DateTime('UTC')),
    max_time SimpleAggregateFunction(max, DateTime('UTC')),
    tag SimpleAggregateFunction(groupArrayArray, Array(String)),
    distinct_id String,
    created_at DateTime('UTC')
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (website_id, event_type, toStartOfHour(created_at), cityHash64(visit_id), visit_id)
SAMPLE BY cityHash64(visit_id)
SETTINGS allow_dimensions_outside_sorting_key = 1;

-- One row per visit, kind of event and hour: what differs within it is kept in
-- arrays. What stays empty here is left out.
CREATE MATERIALIZED VIEW website_event_stats_hourly_mv TO website_event_stats_hourly AS
SELECT website_id, session_id, visit_id, [host] AS hostname, browser, os, device, screen, language, country, region, city,
    argMinState(path, at) AS entry_url, argMaxState(path, at) AS exit_url,
    arrayFilter(x -> x != '', groupArray(path)) AS url_path,
    arrayFilter(x -> x != '', groupArray(source)) AS utm_source,
    arrayFilter(x -> x != '', groupArray(medium)) AS utm_medium,
    arrayFilter(x -> x != '', groupArray(campaign)) AS utm_campaign,
    arrayFilter(x -> x != '' AND x != host, groupArray(referrer)) AS referrer_domain,
    arrayFilter(x -> x != '', groupArray(title)) AS page_title,
    event_type, if(event_type = 2, groupArray(event), []) AS event_name,
    toUInt64(countIf(event_type NOT IN (2, 5))) AS views, min(at) AS min_time, max(at) AS max_time, distinct_id, hour AS created_at
FROM (
    SELECT website_id, session_id, visit_id, hostname AS host, browser, os, device, screen, language, country, region, city, distinct_id, event_type,
        url_path AS path, utm_source AS source, utm_medium AS medium, utm_campaign AS campaign, referrer_domain AS referrer, page_title AS title,
        event_name AS event, website_event.created_at AS at, toStartOfHour(website_event.created_at) AS hour
    FROM website_event
)
GROUP BY website_id, session_id, visit_id, host, browser, os, device, screen, language, country, region, city, event_type, distinct_id, hour;
