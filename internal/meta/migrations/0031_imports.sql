-- Files of follower counts: looked at (done = 0), stored, taken back. data is
-- what is to be stored, replaced what stood there before; both as the importer
-- packs them, the first only until it is stored.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    undone INTEGER NOT NULL DEFAULT 0,
    readings INTEGER NOT NULL,
    data BLOB,
    replaced BLOB -- NULL = storing has not begun
) STRICT;
CREATE INDEX imports_site ON imports (site_id, id);
