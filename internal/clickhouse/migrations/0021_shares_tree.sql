-- Where a share stands in its tree: the tree's first share, and how deep.
ALTER TABLE shares
    ADD COLUMN IF NOT EXISTS root String DEFAULT if(parent = '', share_id, parent) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS generation UInt8 DEFAULT toUInt8(greatest(0, position('0123456789abcdefghijklmnopqrstuvwxyz', substring(share_id, 1, 1)) - 1)) CODEC(ZSTD(1))
