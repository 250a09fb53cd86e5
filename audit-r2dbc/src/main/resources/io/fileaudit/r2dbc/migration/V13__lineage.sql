-- What reports on a batch as a run say together of the run itself: how it ended, and what its outputs come to. It follows from the ledger
-- and is kept because every report needs it. A batch that is reported so has a row.
CREATE TABLE lineage_run (
    namespace text NOT NULL,
    batch     uuid NOT NULL,
    facts     text NOT NULL,
    PRIMARY KEY (namespace, batch)
);
GRANT SELECT, INSERT, UPDATE ON lineage_run TO ${service};

-- It goes with its batch.
CREATE FUNCTION forget_lineage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
    DELETE FROM lineage_run WHERE namespace = OLD.namespace AND batch = OLD.batch;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION forget_lineage() FROM PUBLIC;
CREATE TRIGGER batch_state_purged AFTER DELETE ON batch_state FOR EACH ROW EXECUTE FUNCTION forget_lineage();
