-- Times are milliseconds since 1970 in UTC, 0 = never. AUTOINCREMENT where an
-- identifier stands in ClickHouse or in a session too: it must not come back.
CREATE TABLE sites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    share_param TEXT NOT NULL,
    respect_opt_out INTEGER NOT NULL,
    hash_mode INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;

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
    last_used INTEGER NOT NULL DEFAULT 0
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
    last_reading_at INTEGER NOT NULL DEFAULT 0,
    last_followers INTEGER, -- NULL = never read
    last_error TEXT NOT NULL DEFAULT '',
    last_error_at INTEGER NOT NULL DEFAULT 0,
    next_poll INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site_id, network, handle)
) STRICT;

CREATE TABLE salts (
    day INTEGER PRIMARY KEY, -- days since 1970 in UTC
    salt BLOB NOT NULL
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
