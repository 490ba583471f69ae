CREATE TABLE IF NOT EXISTS a
(
    x UInt8
)
ENGINE = MergeTree
PARTITION BY x
ORDER BY x
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS b (x UInt8)
ENGINE = MergeTree
ORDER BY x
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS c (x UInt8)
ENGINE = AggregatingMergeTree
ORDER BY x
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS d (x UInt8)
ENGINE = SummingMergeTree(x)
ORDER BY x
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS e (x UInt8)
ENGINE = ReplacingMergeTree
ORDER BY x
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS f (x UInt8)
ENGINE = ReplacingMergeTree(x)
ORDER BY x
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS b_mv TO b AS
SELECT x FROM a;
