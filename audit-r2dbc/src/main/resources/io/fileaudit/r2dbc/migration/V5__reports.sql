-- What reports over files and batches look for.

-- Whether a file was announced by name, falls short of it, and counts towards an announced number.
ALTER TABLE manifest
    ADD COLUMN expected boolean NOT NULL DEFAULT false,
    ADD COLUMN short    boolean NOT NULL DEFAULT false,
    ADD COLUMN counted  boolean NOT NULL DEFAULT true;
UPDATE manifest SET expected = true WHERE account LIKE '{"expected":%';
UPDATE manifest SET short = true
 WHERE expected AND state = 'COMPLETED'
   AND (coalesce(rows, -1) < (account::json #>> '{expected,rows}')::bigint AND (account::json #>> '{expected,rows}')::bigint > 0
     OR coalesce(bytes, -1) < (account::json #>> '{expected,bytes}')::bigint AND (account::json #>> '{expected,bytes}')::bigint > 0
     OR account::json #>> '{expected,checksum}' IS DISTINCT FROM checksum AND account::json #>> '{expected,checksum}' IS NOT NULL);

-- One content, and one name, over all batches.
CREATE INDEX manifest_content ON manifest (namespace, checksum) WHERE checksum IS NOT NULL;
CREATE INDEX manifest_name ON manifest (namespace, left(file, 600));

-- The load of a table for a period, and all of a period.
DROP INDEX batch_of_table;
CREATE INDEX batch_of_load ON batch (namespace, table_name, coalesce(period, ''), opened_at DESC, id DESC)
    WHERE table_name IS NOT NULL;
CREATE INDEX batch_of_table ON batch (namespace, table_name, opened_at DESC) WHERE parent IS NULL AND table_name IS NOT NULL;
CREATE INDEX batch_of_period ON batch (namespace, period) WHERE period IS NOT NULL;
