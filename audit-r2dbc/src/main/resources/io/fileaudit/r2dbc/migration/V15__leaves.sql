-- The leaf of each row in the tree, as it was when the row was written. It proves nothing, who changes the row can change it as well; where the
-- tree of the leaves is still the one that was signed, it tells which row was changed. Rows from before have none.
ALTER TABLE ledger ADD COLUMN leaf bytea;

-- How a ledger stood when its batch changed, so that the seal of an ending is told.
ALTER TABLE outbox ADD COLUMN size bigint, ADD COLUMN tree bytea;
ALTER TABLE webhook_delivery ADD COLUMN size bigint, ADD COLUMN tree bytea;

CREATE OR REPLACE FUNCTION note_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ${schema}.outbox (namespace, batch, run, status, version, recorded_at, verdict, tally, events, refused, size, tree)
    VALUES (NEW.namespace, NEW.batch, NEW.run, NEW.status, NEW.version, clock_timestamp(), NEW.verdict, NEW.tally,
        NEW.next_seq - 2 * (NEW.run - 1) - CASE WHEN NEW.status IN ('PENDING', 'RUNNING') THEN 0 ELSE 1 END,
        (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)
           FROM ${schema}.rejected r WHERE NEW.refused_ever AND r.namespace = NEW.namespace AND r.batch = NEW.batch
            AND r.resolution IS NULL), NEW.next_seq, NEW.tree);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION tell_webhooks(p_namespace text, p_batch uuid, p_event text, p_facts text) RETURNS void LANGUAGE sql
    SET search_path = ${schema}, pg_temp AS $$
    INSERT INTO webhook_delivery (webhook, event, namespace, batch, table_name, period, recorded_at, run, status, version, verdict, tally,
        events, refused, facts, next_at, size, tree)
    SELECT w.number, p_event, p_namespace, p_batch, b.table_name, b.period, t.now, s.run, s.status, s.version, s.verdict, s.tally,
        s.next_seq - 2 * (s.run - 1) - CASE WHEN s.status IN ('PENDING', 'RUNNING') THEN 0 ELSE 1 END,
        (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)
           FROM rejected r WHERE s.refused_ever AND r.namespace = s.namespace AND r.batch = s.batch AND r.resolution IS NULL),
        p_facts, t.now, s.next_seq, s.tree
      FROM (SELECT clock_timestamp() AS now OFFSET 0) t, webhook w
      JOIN batch_state s ON s.namespace = p_namespace AND s.batch = p_batch
      JOIN batch b ON b.namespace = p_namespace AND b.id = p_batch
      LEFT JOIN batch p ON p.namespace = b.namespace AND p.id = b.parent
     WHERE w.namespace = p_namespace AND w.removed_at IS NULL AND w.is_enabled AND p_event = ANY (w.events)
       AND (w.tables IS NULL OR coalesce(b.table_name, p.table_name) = ANY (w.tables))
$$;
