-- Files that were looked at and left something open, packed by the importer, so
-- that an answer needs no second upload. Each is kept for a day.
CREATE TABLE import_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
