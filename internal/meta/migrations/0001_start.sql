-- Times are milliseconds since 1970 in UTC, 0 = never. AUTOINCREMENT where an
-- identifier stands in ClickHouse or in a session too: it must not come back.
CREATE TABLE sites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    share_param TEXT NOT NULL,
    -- What the snippet does about shares; see Sharing.
    share_bars INTEGER NOT NULL,
    share_fragment INTEGER NOT NULL,
    share_bar INTEGER NOT NULL,
    share_copy TEXT NOT NULL,
    share_networks TEXT NOT NULL,
    -- Which parameters of a query are part of a page, and which hold a search's words.
    page_params TEXT NOT NULL,
    search_params TEXT NOT NULL,
    respect_opt_out INTEGER NOT NULL,
    hash_mode INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- Counts every change of the sites, so that another process sees with one
-- cheap read that its copy is old.
CREATE TABLE changes (
    what TEXT PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO changes VALUES ('sites', 0);
CREATE TRIGGER sites_inserted AFTER INSERT ON sites BEGIN UPDATE changes SET n = n + 1 WHERE what = 'sites'; END;
CREATE TRIGGER sites_updated AFTER UPDATE ON sites BEGIN UPDATE changes SET n = n + 1 WHERE what = 'sites'; END;
CREATE TRIGGER sites_deleted AFTER DELETE ON sites BEGIN UPDATE changes SET n = n + 1 WHERE what = 'sites'; END;

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    theme TEXT NOT NULL,
    password TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    last_login INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE setup_tokens (
    hash BLOB PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    data BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER REFERENCES sites (id) ON DELETE CASCADE, -- NULL = all sites
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL, -- when it stops to open anything
    last_used INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE salts (
    day INTEGER PRIMARY KEY, -- days since 1970 in UTC
    salt BLOB NOT NULL
) STRICT;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    handle TEXT NOT NULL,
    base_url TEXT NOT NULL,
    secret BLOB, -- nonce and XChaCha20-Poly1305 under secret.key
    enabled INTEGER NOT NULL,
    created INTEGER NOT NULL,
    -- How the last readings went.
    last_reading_at INTEGER NOT NULL DEFAULT 0,
    last_followers INTEGER, -- NULL = never read
    last_rounded INTEGER NOT NULL DEFAULT 0, -- whether the network rounded last_followers
    last_error TEXT NOT NULL DEFAULT '',
    last_error_at INTEGER NOT NULL DEFAULT 0,
    posts_at INTEGER NOT NULL DEFAULT 0,
    posts_error TEXT NOT NULL DEFAULT '',
    next_poll INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    renew_at INTEGER NOT NULL DEFAULT 0, -- when the network is to be asked next for a secret that lasts anew
    -- Whom the name stands for: the network's own ID of the account, when it was
    -- found to be somebody else's (0 = it was not, or its owner knows), and the
    -- account that it says it moved to.
    permanent_id TEXT NOT NULL DEFAULT '',
    replaced_at INTEGER NOT NULL DEFAULT 0,
    moved_to TEXT NOT NULL DEFAULT '',
    UNIQUE (site_id, network, handle)
) STRICT;

-- Accounts that are somebody else's. A mark outlives its account: the readings
-- of an account that is removed stay, and must not become one's own.
CREATE TABLE competitors (
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    handle TEXT NOT NULL,
    PRIMARY KEY (site_id, network, handle)
) STRICT, WITHOUT ROWID;

-- Another number after each change of a site's accounts by name: whoever
-- remembers the names asks for it, and for them when it changed.
CREATE TABLE accounts_versions (
    site_id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT;

CREATE TRIGGER accounts_inserted AFTER INSERT ON accounts BEGIN
    INSERT INTO accounts_versions (site_id, version) VALUES (NEW.site_id, 1)
    ON CONFLICT (site_id) DO UPDATE SET version = version + 1;
END;

CREATE TRIGGER accounts_deleted AFTER DELETE ON accounts BEGIN
    INSERT INTO accounts_versions (site_id, version) VALUES (OLD.site_id, 1)
    ON CONFLICT (site_id) DO UPDATE SET version = version + 1;
END;

CREATE TRIGGER accounts_updated AFTER UPDATE OF network, handle, site_id ON accounts BEGIN
    INSERT INTO accounts_versions (site_id, version) VALUES (NEW.site_id, 1)
    ON CONFLICT (site_id) DO UPDATE SET version = version + 1;
END;

CREATE TRIGGER competitors_inserted AFTER INSERT ON competitors BEGIN
    INSERT INTO accounts_versions (site_id, version) VALUES (NEW.site_id, 1)
    ON CONFLICT (site_id) DO UPDATE SET version = version + 1;
END;

CREATE TRIGGER competitors_deleted AFTER DELETE ON competitors BEGIN
    INSERT INTO accounts_versions (site_id, version) VALUES (OLD.site_id, 1)
    ON CONFLICT (site_id) DO UPDATE SET version = version + 1;
END;

-- Files of readings: looked at (done = 0), stored, taken back. data is what is
-- to be stored, replaced what stood there before; both as the importer packs
-- them, the first only until it is stored.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, -- what its readings are of: followers, posts, insights
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    undone INTEGER NOT NULL DEFAULT 0,
    readings INTEGER NOT NULL,
    data BLOB,
    replaced BLOB -- NULL = storing has not begun
) STRICT;
CREATE INDEX imports_site ON imports (site_id, id);

-- Files that were looked at and left something open, packed by the importer, so
-- that an answer needs no second upload. Each is kept for a day.
CREATE TABLE import_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;

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
