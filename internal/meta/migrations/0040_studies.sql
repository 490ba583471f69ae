-- Other people's figures that a site's users imported, a CSV file each in the
-- form of internal/study.
CREATE TABLE studies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    csv BLOB NOT NULL,
    figures INTEGER NOT NULL, -- rows of the file
    imported INTEGER NOT NULL,
    UNIQUE (site_id, name)
) STRICT;
