-- Umami's script sends no engagement. The referrer of a page view is the page
-- before it, so a source stands with the first alone.
INSERT INTO website_event (website_id, session_id, visit_id, event_id, hostname, browser, os, device, language, country, url_path,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term, referrer_domain, page_title, event_type, event_name, created_at)
SELECT toUUID(concat('00000000-0000-0000-0000-', leftPad(lower(hex(site_id)), 12, '0'))),
    reinterpret(bitOr(bitShiftLeft(toUInt128(visitor), 64), toUInt128(cityHash64(visitor))), 'UUID'),
    reinterpret(bitOr(bitShiftLeft(toUInt128(visit), 64), toUInt128(cityHash64(visit))), 'UUID'),
    generateUUIDv4(), hostname, browser, os, device, 'en-US', country, path,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term, if(entry = 1, source, hostname), path,
    if(name = 'pageview', 1, 2), if(name = 'pageview', '', name), ts
FROM {events}
WHERE toDate(ts) = {day} AND name != 'engagement';
