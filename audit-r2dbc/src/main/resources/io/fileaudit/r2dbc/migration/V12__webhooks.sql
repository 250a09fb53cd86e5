-- Webhooks and what they have to tell. The secret is there to be read: every signature is made of it.
CREATE TABLE webhook (
    number          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace       text        NOT NULL,
    name            text        NOT NULL,
    url             text        NOT NULL,
    secret          text        NOT NULL,
    tables          text[],
    events          text[]      NOT NULL,
    is_enabled      boolean     NOT NULL,
    disabled_reason text,
    created_at      timestamptz NOT NULL,
    created_by      text        NOT NULL,
    changed_at      timestamptz NOT NULL,
    changed_by      text        NOT NULL,
    removed_at      timestamptz,
    failures        integer     NOT NULL DEFAULT 0,
    rests_until     timestamptz
);
-- After a failure nothing is sent to it before rests_until, and then one delivery, which moves it on by its lease.
-- One that is removed stays until what it had to tell is gone: another of its name has nothing of it.
CREATE UNIQUE INDEX webhook_name ON webhook (namespace, name) WHERE removed_at IS NULL;

-- One row for each thing that one webhook tells. It waits while ended_at is missing. The row of a batch stays locked from the change to its
-- commit, so the rows of one batch are committed in the order of their numbers. A claim lasts until next_at.
CREATE TABLE webhook_delivery (
    number      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook     bigint      NOT NULL,
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    event       text        NOT NULL,
    namespace   text        NOT NULL,
    batch       uuid,
    table_name  text,
    period      text,
    recorded_at timestamptz NOT NULL,
    run         integer,
    status      text,
    version     bigint,
    verdict     text,
    tally       text,
    events      bigint,
    refused     bigint,
    facts       text,
    tries       integer     NOT NULL DEFAULT 0,
    first_at    timestamptz,
    next_at     timestamptz NOT NULL,
    claim       uuid,
    last_at     timestamptz,
    last_status integer,
    last_millis integer,
    last_error  text,
    ended_at    timestamptz,
    delivered   boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 70);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at) WHERE ended_at IS NULL;
CREATE INDEX webhook_delivery_order ON webhook_delivery (webhook, batch, number) WHERE ended_at IS NULL;
CREATE INDEX webhook_delivery_old ON webhook_delivery (recorded_at) WHERE ended_at IS NULL;
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook, number);
CREATE INDEX webhook_delivery_last ON webhook_delivery (webhook, last_at) WHERE last_at IS NOT NULL;

-- Open batches whose flags somebody wants to know: before look_at none is raised that is not among the raised ones.
CREATE TABLE flag_watch (
    namespace text        NOT NULL,
    batch     uuid        NOT NULL,
    look_at   timestamptz NOT NULL,
    raised    text[]      NOT NULL DEFAULT '{}',
    PRIMARY KEY (namespace, batch)
);
CREATE INDEX flag_watch_look ON flag_watch (look_at);

-- Tells the webhooks of a namespace whose filter it passes what became of a batch. A sub-batch without a table is about its parent's.
CREATE FUNCTION tell_webhooks(p_namespace text, p_batch uuid, p_event text, p_facts text) RETURNS void LANGUAGE sql
    SET search_path = ${schema}, pg_temp AS $$
    INSERT INTO webhook_delivery (webhook, event, namespace, batch, table_name, period, recorded_at, run, status, version, verdict, tally,
        events, refused, facts, next_at)
    SELECT w.number, p_event, p_namespace, p_batch, b.table_name, b.period, t.now, s.run, s.status, s.version, s.verdict, s.tally,
        s.next_seq - 2 * (s.run - 1) - CASE WHEN s.status IN ('PENDING', 'RUNNING') THEN 0 ELSE 1 END,
        (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)
           FROM rejected r WHERE s.refused_ever AND r.namespace = s.namespace AND r.batch = s.batch AND r.resolution IS NULL),
        p_facts, t.now
      FROM (SELECT clock_timestamp() AS now OFFSET 0) t, webhook w
      JOIN batch_state s ON s.namespace = p_namespace AND s.batch = p_batch
      JOIN batch b ON b.namespace = p_namespace AND b.id = p_batch
      LEFT JOIN batch p ON p.namespace = b.namespace AND p.id = b.parent
     WHERE w.namespace = p_namespace AND w.removed_at IS NULL AND w.is_enabled AND p_event = ANY (w.events)
       AND (w.tables IS NULL OR coalesce(b.table_name, p.table_name) = ANY (w.tables))
$$;

-- Whether somebody in a namespace wants to know of flags.
CREATE FUNCTION wants_flags(p_namespace text) RETURNS boolean LANGUAGE sql STABLE SET search_path = ${schema}, pg_temp AS $$
    SELECT EXISTS (SELECT FROM webhook w WHERE w.namespace = p_namespace AND w.removed_at IS NULL AND w.is_enabled
                      AND w.events && ARRAY['silent', 'stalled', 'over_limit'])
$$;

CREATE FUNCTION note_for_webhooks() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM webhook w WHERE w.namespace = NEW.namespace AND w.removed_at IS NULL AND w.is_enabled) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        PERFORM tell_webhooks(NEW.namespace, NEW.batch, lower(NEW.status), NULL);
    END IF;
    IF NEW.status IN ('PENDING', 'RUNNING') AND wants_flags(NEW.namespace) THEN
        INSERT INTO flag_watch (namespace, batch, look_at) VALUES (NEW.namespace, NEW.batch, clock_timestamp())
        ON CONFLICT (namespace, batch) DO UPDATE SET look_at = excluded.look_at, raised = excluded.raised;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER batch_state_for_webhooks AFTER INSERT ON batch_state FOR EACH ROW EXECUTE FUNCTION note_for_webhooks();
CREATE TRIGGER batch_state_told AFTER UPDATE ON batch_state FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.run <> NEW.run) EXECUTE FUNCTION note_for_webhooks();

-- A limit that was moved may be over sooner than it was thought to be.
CREATE FUNCTION look_at_flags() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
BEGIN
    UPDATE flag_watch SET look_at = clock_timestamp() WHERE namespace = NEW.namespace AND batch = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER batch_limits_moved AFTER UPDATE OF limits ON batch FOR EACH ROW
    WHEN (OLD.limits IS DISTINCT FROM NEW.limits) EXECUTE FUNCTION look_at_flags();

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook, webhook_delivery, flag_watch TO ${service};
