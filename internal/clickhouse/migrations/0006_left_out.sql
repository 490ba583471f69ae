-- Hits kept out on purpose, by minute.
CREATE TABLE IF NOT EXISTS left_out
(
    site_id UInt32,
    ts DateTime('UTC'),
    reason LowCardinality(String),
    agent LowCardinality(String),
    hits UInt64
)
ENGINE = SummingMergeTree(hits)
PARTITION BY toYear(ts)
ORDER BY (site_id, ts, reason, agent)
SETTINGS non_replicated_deduplication_window = 10000
