-- Every act of sharing, by its ID: what visits through a share look up. root is
-- the first share of its tree, and generation how deep it stands in it.
CREATE TABLE IF NOT EXISTS shares
(
    site_id UInt32,
    share_id String CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    visitor UInt64 CODEC(ZSTD(1)),
    path String CODEC(ZSTD(1)),
    network LowCardinality(String),
    kind LowCardinality(String),
    parent String CODEC(ZSTD(1)),
    root String CODEC(ZSTD(1)),
    generation UInt8 CODEC(ZSTD(1))
)
ENGINE = replacing
ORDER BY (site_id, share_id);

CREATE MATERIALIZED VIEW IF NOT EXISTS shares_mv TO shares AS
SELECT site_id, share_id, ts, visitor, path, share_network AS network, share_kind AS kind, share_parent AS parent,
    share_root AS root, share_generation AS generation
FROM events
WHERE name = 'share' AND share_id != '';
