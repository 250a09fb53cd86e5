-- Watching: when each open batch has to be looked at, which nodes live, and when none did.

-- check_at is a lower bound of the time at which a limit may be over; it moves only when it has to, so that commits do not touch its
-- index. last_node is the node that last heard of the batch.
ALTER TABLE batch_state ADD COLUMN check_at timestamptz, ADD COLUMN last_node text;
UPDATE batch_state SET check_at = run_opened_at WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX batch_state_check ON batch_state (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE node (
    name    text        PRIMARY KEY,
    last_at timestamptz NOT NULL
);

-- One row that every living node advances.
CREATE TABLE sign_of_life (
    one boolean     PRIMARY KEY DEFAULT true CHECK (one),
    at  timestamptz NOT NULL
);
INSERT INTO sign_of_life (at) VALUES (clock_timestamp());

CREATE TABLE outage (
    from_at timestamptz PRIMARY KEY,
    to_at   timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON node TO ${service};
GRANT SELECT, UPDATE ON sign_of_life TO ${service};
GRANT SELECT, INSERT ON outage TO ${service};
