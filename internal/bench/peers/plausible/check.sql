SELECT countIf(name = 'pageview') AS views FROM events_v2
UNION ALL
SELECT toUInt64(sum(pageviews)) AS views FROM sessions_v2;
