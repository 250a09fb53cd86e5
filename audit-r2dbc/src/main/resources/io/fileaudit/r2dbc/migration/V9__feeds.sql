-- What feeds resume by: the version of the batch that each decision made, and the order of all entries of the log.
ALTER TABLE log ADD COLUMN version bigint NOT NULL DEFAULT 0;
CREATE INDEX log_decisions ON log (namespace, number) WHERE verdict IS NOT NULL AND number IS NOT NULL;

-- The last number that was given; whoever numbers entries holds this row.
CREATE TABLE log_head (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint  NOT NULL
);
INSERT INTO log_head (number) VALUES (0);
GRANT SELECT, UPDATE ON log_head TO ${service};
