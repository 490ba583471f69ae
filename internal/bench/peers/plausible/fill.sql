INSERT INTO events_v2 (timestamp, name, site_id, user_id, session_id, hostname, pathname, referrer, referrer_source, country_code,
    screen_size, operating_system, browser, utm_medium, utm_source, utm_campaign, utm_content, utm_term, `meta.key`, `meta.value`,
    browser_version, operating_system_version, acquisition_channel, scroll_depth, engagement_time)
SELECT ts, name, site_id, visitor, visit, hostname, path, referrer, source, country,
    device, os, browser, utm_medium, utm_source, utm_campaign, utm_content, utm_term, mapKeys(props), mapValues(props),
    browser_version, os_version, channel, scroll, engaged_ms
FROM {events}
WHERE toDate(ts) = {day};

INSERT INTO sessions_v2 (session_id, sign, site_id, user_id, hostname, timestamp, start, is_bounce, entry_page, exit_page, pageviews,
    events, duration, referrer, referrer_source, country_code, screen_size, operating_system, browser, utm_medium, utm_source,
    utm_campaign, utm_content, utm_term, browser_version, operating_system_version, acquisition_channel, exit_page_hostname)
SELECT visit, 1, site_id, any(visitor), any(hostname), max(ts), min(ts), sum(bounce), any(entry_path), argMaxIf(path, ts, name = 'pageview'), countIf(name = 'pageview'),
    countIf(name != 'engagement'), intDiv(sum(gap_ms), 1000), any(referrer), any(source), any(country), any(device), any(os), any(browser), any(utm_medium), any(utm_source),
    any(utm_campaign), any(utm_content), any(utm_term), any(browser_version), any(os_version), any(channel), any(hostname)
FROM {events}
WHERE toDate(ts) BETWEEN {day} AND {day} + 1 AND visit IN (SELECT visit FROM {events} WHERE toDate(ts) = {day} AND entry = 1)
GROUP BY site_id, visit
HAVING sum(entry) > 0;
