-- What a file's readings are of: followers, or posts.
ALTER TABLE imports ADD COLUMN kind TEXT NOT NULL DEFAULT 'followers';
