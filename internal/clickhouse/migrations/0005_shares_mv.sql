CREATE MATERIALIZED VIEW IF NOT EXISTS shares_mv TO shares AS
SELECT site_id, share_id, ts, visitor, path, share_network AS network, share_kind AS kind, share_parent AS parent
FROM events
WHERE name = 'share' AND share_id != ''
