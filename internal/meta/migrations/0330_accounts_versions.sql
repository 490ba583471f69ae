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
