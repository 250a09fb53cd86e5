-- When a batch of a table is due. A batch has to be opened between from_at, the due time before, and next_due_at plus grace; where none
-- was, missed_from and missed_due keep that, and the table is overdue until one is opened behind missed_from.
CREATE TABLE expectation (
    namespace   text        NOT NULL,
    table_name  text        NOT NULL,
    schedule    text        NOT NULL,
    zone        text        NOT NULL,
    grace       interval    NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text        NOT NULL,
    from_at     timestamptz NOT NULL,
    next_due_at timestamptz NOT NULL,
    missed_from timestamptz,
    missed_due  timestamptz,
    PRIMARY KEY (namespace, table_name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON expectation TO ${service};
