CREATE MATERIALIZED VIEW IF NOT EXISTS sharing_mv TO sharing AS
SELECT site_id, ts, name, visitor, visit, hostname, path, entry_path, referrer, source, medium, channel, utm_source,
    utm_medium, utm_campaign, utm_content, utm_term, country, device, browser, browser_version, os,
    os_version, via_share, via_network, via_kind, via_generation, via_age, share_id, share_network,
    share_kind, share_parent, share_root, share_generation, props, entry
FROM events
WHERE name = 'share' OR (entry = 1 AND via_share != '')
