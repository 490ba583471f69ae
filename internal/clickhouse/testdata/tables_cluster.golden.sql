CREATE TABLE IF NOT EXISTS a
(
    x UInt8
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/earshot/a', '{replica}')
PARTITION BY x
ORDER BY x
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000;

CREATE TABLE IF NOT EXISTS earshot_all.a AS earshot.a
ENGINE = Distributed('blogs', 'earshot', 'a', x);

CREATE TABLE IF NOT EXISTS b (x UInt8)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/earshot/b', '{replica}')
ORDER BY x
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000;

CREATE TABLE IF NOT EXISTS earshot_all.b AS earshot.b
ENGINE = Distributed('blogs', 'earshot', 'b');

CREATE TABLE IF NOT EXISTS c (x UInt8)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/earshot/c', '{replica}')
ORDER BY x
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000;

CREATE TABLE IF NOT EXISTS earshot_all.c AS earshot.c
ENGINE = Distributed('blogs', 'earshot', 'c');

CREATE TABLE IF NOT EXISTS d (x UInt8)
ENGINE = ReplicatedSummingMergeTree('/clickhouse/tables/{shard}/earshot/d', '{replica}', x)
ORDER BY x
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000;

CREATE TABLE IF NOT EXISTS earshot_all.d AS earshot.d
ENGINE = Distributed('blogs', 'earshot', 'd', x);

CREATE TABLE IF NOT EXISTS e (x UInt8)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/earshot/e', '{replica}')
ORDER BY x
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000;

CREATE TABLE IF NOT EXISTS earshot_all.e AS earshot.e
ENGINE = Distributed('blogs', 'earshot', 'e');

CREATE TABLE IF NOT EXISTS f (x UInt8)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/earshot/f', '{replica}', x)
ORDER BY x
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000;

CREATE TABLE IF NOT EXISTS earshot_all.f AS earshot.f
ENGINE = Distributed('blogs', 'earshot', 'f', x);

CREATE MATERIALIZED VIEW IF NOT EXISTS b_mv TO b AS
SELECT x FROM a;
