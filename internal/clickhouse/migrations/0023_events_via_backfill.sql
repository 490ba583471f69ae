-- Visits from before by the share that brought them.
ALTER TABLE events UPDATE
    via_network = transform(via_share, (SELECT groupArray(share_id) FROM (SELECT share_id FROM shares ORDER BY site_id, share_id)), (SELECT groupArray(toString(network)) FROM (SELECT network FROM shares ORDER BY site_id, share_id)), ''),
    via_kind = transform(via_share, (SELECT groupArray(share_id) FROM (SELECT share_id FROM shares ORDER BY site_id, share_id)), (SELECT groupArray(toString(kind)) FROM (SELECT kind FROM shares ORDER BY site_id, share_id)), '')
WHERE via_share != '' AND via_network = ''
