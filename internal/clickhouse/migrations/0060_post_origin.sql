-- Where a reading is from, as in follower_counts: an import is taken back by it.
ALTER TABLE post_figures ADD COLUMN IF NOT EXISTS origin LowCardinality(String) DEFAULT 'poll' AFTER views
