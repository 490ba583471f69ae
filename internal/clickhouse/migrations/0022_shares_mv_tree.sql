ALTER TABLE shares_mv MODIFY QUERY
SELECT site_id, share_id, ts, visitor, path, share_network AS network, share_kind AS kind, share_parent AS parent,
    share_root AS root, share_generation AS generation
FROM events
WHERE name = 'share' AND share_id != ''
