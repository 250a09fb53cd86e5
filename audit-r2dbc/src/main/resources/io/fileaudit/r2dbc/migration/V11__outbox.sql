-- What is still to be told of changes of status. A row is there exactly as long as it is unsent: one that is committed late under a low
-- number is found all the same, where a reader with a cursor would have passed it by. The row of the batch stays locked from the change
-- to its commit, so the rows of one batch are committed in the order of their numbers.
CREATE TABLE outbox (
    number      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace   text        NOT NULL,
    batch       uuid        NOT NULL,
    run         integer     NOT NULL,
    status      text        NOT NULL,
    version     bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    verdict     text,
    tally       text        NOT NULL,
    events      bigint      NOT NULL,
    refused     bigint      NOT NULL
);

-- Whoever sends holds this row, so that one node sends at a time.
CREATE TABLE outbox_lock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO outbox_lock DEFAULT VALUES;

CREATE FUNCTION note_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ${schema}.outbox (namespace, batch, run, status, version, recorded_at, verdict, tally, events, refused)
    VALUES (NEW.namespace, NEW.batch, NEW.run, NEW.status, NEW.version, clock_timestamp(), NEW.verdict, NEW.tally,
        NEW.next_seq - 2 * (NEW.run - 1) - CASE WHEN NEW.status IN ('PENDING', 'RUNNING') THEN 0 ELSE 1 END,
        (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)
           FROM ${schema}.rejected r WHERE NEW.refused_ever AND r.namespace = NEW.namespace AND r.batch = NEW.batch
            AND r.resolution IS NULL));
    RETURN NULL;
END
$$;

-- Only a node that sends asks for rows: audit.outbox is an option of its connections.
CREATE TRIGGER batch_state_opened AFTER INSERT ON batch_state FOR EACH ROW
    WHEN (current_setting('audit.outbox', true) = 'on')
    EXECUTE FUNCTION note_status();
CREATE TRIGGER batch_state_changed AFTER UPDATE ON batch_state FOR EACH ROW
    WHEN ((OLD.status <> NEW.status OR OLD.run <> NEW.run) AND current_setting('audit.outbox', true) = 'on')
    EXECUTE FUNCTION note_status();

GRANT SELECT, INSERT, DELETE ON outbox TO ${service};
GRANT SELECT, UPDATE ON outbox_lock TO ${service};
