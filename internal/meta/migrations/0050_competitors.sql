-- Accounts that are somebody else's. A mark outlives its account: the readings
-- of an account that is removed stay, and must not become one's own.
CREATE TABLE competitors (
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    handle TEXT NOT NULL,
    PRIMARY KEY (site_id, network, handle)
) STRICT, WITHOUT ROWID;
