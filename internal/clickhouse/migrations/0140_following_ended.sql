-- 1 on a row that says when a following ended, instead of a count: the account
-- moved away, or somebody else has its name.
ALTER TABLE follower_counts ADD COLUMN IF NOT EXISTS ended Bool AFTER rounded
