-- What lists and searches find their pages by.

-- Both are trusted: whoever may create in the database may create them. GIN then holds a batch beside the pieces of its names.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX manifest_words ON manifest USING gin (batch, file gin_trgm_ops);

-- A name over all batches is asked for whole. In order the index would seem as good for one batch as that of its files.
DROP INDEX manifest_name;
CREATE INDEX manifest_name ON manifest USING hash (left(file, 600));

-- What is short is rare in a batch.
CREATE INDEX manifest_short ON manifest (namespace, batch, left(file, 600)) WHERE short;

-- What a search for batches looks at, in small letters.
ALTER TABLE batch ADD COLUMN words text;
UPDATE batch SET words = lower(concat_ws(E'\n', name, table_name, period));
ALTER TABLE batch ALTER COLUMN words SET NOT NULL;
CREATE INDEX batch_words ON batch USING gin (words gin_trgm_ops);
CREATE INDEX batch_labels ON batch USING gin (labels jsonb_path_ops);

-- The period of a root batch's load, empty where it names none; a column, so that an index alone answers how many batches a load has.
ALTER TABLE batch ADD COLUMN load_period text
    GENERATED ALWAYS AS (CASE WHEN parent IS NULL AND table_name IS NOT NULL THEN coalesce(period, '') END) STORED;

-- Every list of batches is in the order of batch_newest.
DROP INDEX batch_of_load, batch_of_table, batch_of_period, batch_of_parent;
CREATE INDEX batch_of_load ON batch (namespace, table_name, load_period, opened_at DESC, id DESC) WHERE load_period IS NOT NULL;
CREATE INDEX batch_of_table ON batch (namespace, table_name, opened_at DESC, id DESC) WHERE table_name IS NOT NULL;
CREATE INDEX batch_of_table_and_period ON batch (namespace, table_name, period, opened_at DESC, id DESC)
    WHERE table_name IS NOT NULL AND period IS NOT NULL;
CREATE INDEX batch_of_period ON batch (namespace, period, opened_at DESC, id DESC) WHERE period IS NOT NULL;
CREATE INDEX batch_of_parent ON batch (namespace, parent, opened_at DESC, id DESC) WHERE parent IS NOT NULL;

-- What never changes of a batch, beside its status, so that one index has both: when it was opened and, of a root batch, whose load it is.
ALTER TABLE batch_state ADD COLUMN opened_at timestamptz, ADD COLUMN load_table text, ADD COLUMN load_period text;
UPDATE batch_state s SET opened_at = b.opened_at,
       load_table = CASE WHEN b.parent IS NULL THEN b.table_name END,
       load_period = CASE WHEN b.parent IS NULL AND b.table_name IS NOT NULL THEN coalesce(b.period, '') END
  FROM batch b WHERE b.namespace = s.namespace AND b.id = s.batch;
ALTER TABLE batch_state ALTER COLUMN opened_at SET NOT NULL;
CREATE INDEX batch_state_status ON batch_state (namespace, status, opened_at DESC, batch DESC);
CREATE INDEX batch_state_open_load ON batch_state (namespace, load_table, load_period, opened_at DESC, batch DESC)
    WHERE load_table IS NOT NULL AND status IN ('PENDING', 'RUNNING');
CREATE INDEX batch_state_load ON batch_state (namespace, opened_at DESC, batch DESC) WHERE load_table IS NOT NULL;
CREATE INDEX batch_state_load_of_table ON batch_state (namespace, load_table, opened_at DESC, batch DESC) WHERE load_table IS NOT NULL;
CREATE INDEX batch_state_load_of_period ON batch_state (namespace, load_period, opened_at DESC, batch DESC) WHERE load_table IS NOT NULL;
