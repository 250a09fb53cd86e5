-- What is older than it has to be kept goes: whole ended batches, in bounded steps, through a function of the owner, because the service's
-- role can take nothing away by itself. A tombstone and an entry of the log stay.
CREATE TABLE purged (
    namespace text        NOT NULL,
    batch     uuid        NOT NULL,
    purged_at timestamptz NOT NULL,
    left_over boolean     NOT NULL,
    PRIMARY KEY (namespace, batch)
);
CREATE INDEX purged_left_over ON purged (purged_at) WHERE left_over;
CREATE INDEX batch_state_ended ON batch_state (namespace, ended_at) WHERE ended_at IS NOT NULL;

-- Takes p_rows rows at most. The first step takes the batch itself, so that nobody sees half of one; true when nothing is left.
CREATE FUNCTION purge_batch(p_namespace text, p_batch uuid, p_body text, p_rows integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
    ended_run integer;
    part      text;
    gone      bigint;
    total     bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM purged p WHERE p.namespace = p_namespace AND p.batch = p_batch) THEN
        SELECT s.run INTO ended_run FROM batch_state s
         WHERE s.namespace = p_namespace AND s.batch = p_batch AND s.status NOT IN ('PENDING', 'RUNNING') FOR UPDATE;
        IF NOT FOUND OR EXISTS (SELECT 1 FROM batch b WHERE b.namespace = p_namespace AND b.parent = p_batch) THEN
            RETURN NULL;
        END IF;
        INSERT INTO log (namespace, batch, run, kind, recorded_at, body)
        VALUES (p_namespace, p_batch, ended_run, 'purged', clock_timestamp(), p_body);
        DELETE FROM batch_state s WHERE s.namespace = p_namespace AND s.batch = p_batch;
        DELETE FROM batch b WHERE b.namespace = p_namespace AND b.id = p_batch;
        INSERT INTO purged VALUES (p_namespace, p_batch, clock_timestamp(), true);
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

REVOKE ALL ON FUNCTION purge_batch(text, uuid, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION purge_batch(text, uuid, text, integer) TO ${service};
GRANT SELECT ON purged TO ${service};
