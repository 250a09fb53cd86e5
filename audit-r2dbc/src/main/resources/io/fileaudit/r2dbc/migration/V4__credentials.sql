-- Who may come in: keys, sessions of the page, one-time links. Not of one namespace, because a key may be good for several. hash is the
-- SHA-256 of the token, which is kept nowhere.
CREATE TABLE credential (
    id         uuid        PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('KEY', 'SESSION', 'LINK')),
    hash       text        NOT NULL UNIQUE,
    name       text        NOT NULL,
    namespaces text[]      NOT NULL,
    scopes     text[]      NOT NULL,
    made_from  text,
    created_at timestamptz NOT NULL,
    created_by text        NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
CREATE INDEX credential_valid ON credential (kind) WHERE revoked_at IS NULL;
CREATE INDEX credential_made_from ON credential (made_from) WHERE made_from IS NOT NULL;

-- Whoever adds a key locks this row, so that two keys never get one name.
CREATE TABLE credential_lock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO credential_lock DEFAULT VALUES;

GRANT SELECT, INSERT, DELETE ON credential TO ${service};
GRANT UPDATE (revoked_at, revoked_by) ON credential TO ${service};
GRANT SELECT, UPDATE ON credential_lock TO ${service};
