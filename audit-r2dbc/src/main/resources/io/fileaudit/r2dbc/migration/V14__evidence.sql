-- Evidence: the tree of each batch's ledger, the tree of the log, and what was signed of it (RFC 6962, C2SP tlog-checkpoint).

-- The roots of the largest full trees of the ledger's rows, from the left: one for each bit of next_seq.
ALTER TABLE batch_state ADD COLUMN tree bytea NOT NULL DEFAULT '';

-- Every full tree of the log, so that a proof reads a few rows.
CREATE TABLE log_node (
    level integer NOT NULL,
    place bigint  NOT NULL,
    hash  bytea   NOT NULL,
    PRIMARY KEY (level, place)
);

-- What was signed, before it is given out.
CREATE TABLE checkpoint (
    size      bigint      PRIMARY KEY,
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);

GRANT SELECT, INSERT ON log_node, checkpoint TO ${service};

-- Ledgers and logs from before have trees as well, of the same texts.
CREATE FUNCTION grown(peaks bytea, size bigint, leaf bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    hash bytea := sha256('\x00'::bytea || leaf);
    rest bytea := peaks;
BEGIN
    WHILE size & 1 = 1 LOOP
        hash := sha256('\x01'::bytea || substr(rest, length(rest) - 31) || hash);
        rest := substr(rest, 1, length(rest) - 32);
        size := size >> 1;
    END LOOP;
    RETURN rest || hash;
END
$$;

DO $$
DECLARE
    v_batch record;
    v_row   record;
    v_peaks bytea;
    v_hash  bytea;
    v_level integer;
    v_place bigint;
BEGIN
    FOR v_batch IN SELECT namespace, batch FROM ${schema}.batch_state WHERE next_seq > 0 LOOP
        v_peaks := '';
        FOR v_row IN SELECT seq, body FROM ${schema}.ledger
                      WHERE namespace = v_batch.namespace AND batch = v_batch.batch ORDER BY seq LOOP
            v_peaks := ${schema}.grown(v_peaks, v_row.seq, convert_to(v_row.body, 'UTF8'));
        END LOOP;
        UPDATE ${schema}.batch_state SET tree = v_peaks WHERE namespace = v_batch.namespace AND batch = v_batch.batch;
    END LOOP;
    FOR v_row IN SELECT number, body FROM ${schema}.log WHERE number IS NOT NULL ORDER BY number LOOP
        v_hash := sha256('\x00'::bytea || convert_to(v_row.body, 'UTF8'));
        v_level := 0;
        v_place := v_row.number - 1;
        INSERT INTO ${schema}.log_node VALUES (0, v_place, v_hash);
        WHILE v_place & 1 = 1 LOOP
            SELECT sha256('\x01'::bytea || n.hash || v_hash) INTO v_hash
              FROM ${schema}.log_node n WHERE n.level = v_level AND n.place = v_place - 1;
            v_level := v_level + 1;
            v_place := v_place >> 1;
            INSERT INTO ${schema}.log_node VALUES (v_level, v_place, v_hash);
        END LOOP;
    END LOOP;
END
$$;
DROP FUNCTION grown(bytea, bigint, bytea);
