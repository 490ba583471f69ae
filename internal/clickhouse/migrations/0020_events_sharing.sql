-- What the writer knows of the share that a row is, and of the one that brought
-- its visit; see internal/event.Sharing. Rows from before have what their own
-- share IDs tell.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS share_root String DEFAULT if(share_parent = '', share_id, share_parent) CODEC(ZSTD(1)) AFTER share_parent,
    ADD COLUMN IF NOT EXISTS share_generation UInt8 DEFAULT if(share_id = '', 0, toUInt8(greatest(0, position('0123456789abcdefghijklmnopqrstuvwxyz', substring(share_id, 1, 1)) - 1))) CODEC(ZSTD(1)) AFTER share_root,
    ADD COLUMN IF NOT EXISTS via_network LowCardinality(String) AFTER via_share,
    ADD COLUMN IF NOT EXISTS via_kind LowCardinality(String) AFTER via_network,
    ADD COLUMN IF NOT EXISTS via_generation UInt8 DEFAULT if(via_share = '', 0, toUInt8(greatest(0, position('0123456789abcdefghijklmnopqrstuvwxyz', substring(via_share, 1, 1)) - 1))) CODEC(ZSTD(1)) AFTER via_kind,
    ADD COLUMN IF NOT EXISTS via_age UInt32 CODEC(ZSTD(1)) AFTER via_generation
