-- Hits kept out on purpose, by minute.
CREATE TABLE IF NOT EXISTS left_out
(
    site_id UInt32,
    ts DateTime('UTC'),
    reason LowCardinality(String),
    agent LowCardinality(String),
    hits UInt64
)
ENGINE = sums(hits) SHARDED BY site_id
PARTITION BY toYear(ts)
ORDER BY (site_id, ts, reason, agent);
