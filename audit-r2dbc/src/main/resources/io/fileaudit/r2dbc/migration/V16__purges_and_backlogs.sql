-- One step of a purge at a time, whichever nodes take them: a step that found rows already marked by another one would take the rest for gone.
-- And a batch that is there goes first, whatever was purged under its id before: only ended batches lose rows.
CREATE OR REPLACE FUNCTION purge_batch(p_namespace text, p_batch uuid, p_body text, p_rows integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
    ended_run integer;
    is_open   boolean;
    part      text;
    gone      bigint;
    total     bigint := 0;
BEGIN
    SELECT s.run, s.status IN ('PENDING', 'RUNNING') INTO ended_run, is_open FROM batch_state s
     WHERE s.namespace = p_namespace AND s.batch = p_batch FOR UPDATE;
    IF FOUND THEN
        IF is_open OR EXISTS (SELECT 1 FROM batch b WHERE b.namespace = p_namespace AND b.parent = p_batch) THEN
            RETURN NULL;
        END IF;
        INSERT INTO log (namespace, batch, run, kind, recorded_at, body)
        VALUES (p_namespace, p_batch, ended_run, 'purged', clock_timestamp(), p_body);
        DELETE FROM batch_state s WHERE s.namespace = p_namespace AND s.batch = p_batch;
        DELETE FROM batch b WHERE b.namespace = p_namespace AND b.id = p_batch;
        INSERT INTO purged VALUES (p_namespace, p_batch, clock_timestamp(), true)
        ON CONFLICT (namespace, batch) DO UPDATE SET purged_at = excluded.purged_at, left_over = true;
    ELSE
        PERFORM 1 FROM purged p WHERE p.namespace = p_namespace AND p.batch = p_batch AND p.left_over FOR UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    FOREACH part IN ARRAY ARRAY['ledger', 'manifest', 'chunk', 'producer', 'rejected'] LOOP
        EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE namespace = $1 AND batch = $2 LIMIT $3))', part)
          USING p_namespace, p_batch, p_rows - total;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
        IF total >= p_rows THEN
            RETURN false;
        END IF;
    END LOOP;
    UPDATE purged p SET left_over = false WHERE p.namespace = p_namespace AND p.batch = p_batch;
    RETURN true;
END
$$;

-- How long the oldest delivery of a webhook waits, of those that are switched on.
CREATE INDEX webhook_delivery_oldest ON webhook_delivery (webhook, recorded_at) WHERE ended_at IS NULL;
