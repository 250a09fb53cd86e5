-- Batches, their ledgers and the accounts of their files. Every key begins with the namespace.

-- What is said once, when a batch is opened.
CREATE TABLE batch (
    namespace  text        NOT NULL,
    id         uuid        NOT NULL,
    name       text,
    table_name text,
    period     text,
    parent     uuid,
    labels     jsonb       NOT NULL,
    spec       text        NOT NULL,
    limits     text        NOT NULL,
    opened_at  timestamptz NOT NULL,
    PRIMARY KEY (namespace, id),
    FOREIGN KEY (namespace, parent) REFERENCES batch (namespace, id)
);
CREATE INDEX batch_newest ON batch (namespace, opened_at DESC, id DESC);
CREATE INDEX batch_of_table ON batch (namespace, table_name, period, opened_at DESC);
CREATE INDEX batch_of_parent ON batch (namespace, parent) WHERE parent IS NOT NULL;

-- What changes with every commit: a narrow row, with room beside it for its next version, and no index on what changes. Its lock is
-- the fence of the batch.
CREATE TABLE batch_state (
    namespace        text        NOT NULL,
    batch            uuid        NOT NULL,
    status           text        NOT NULL,
    run              integer     NOT NULL,
    next_seq         bigint      NOT NULL,
    version          bigint      NOT NULL,
    run_opened_at    timestamptz NOT NULL,
    started_at       timestamptz,
    ended_at         timestamptz,
    last_activity_at timestamptz,
    last_progress_at timestamptz,
    tally            text        NOT NULL,
    verdict          text,
    refused_ever     boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (namespace, batch),
    FOREIGN KEY (namespace, batch) REFERENCES batch (namespace, id)
) WITH (fillfactor = 50);

-- Accepted events and decisions, numbered 0, 1, 2 … within their batch. The body is the text that evidence is made of.
CREATE TABLE ledger (
    namespace text   NOT NULL,
    batch     uuid   NOT NULL,
    seq       bigint NOT NULL,
    event_id  text,
    body      text   NOT NULL,
    PRIMARY KEY (namespace, batch, seq)
);
CREATE UNIQUE INDEX ledger_event_id ON ledger (namespace, batch, event_id) WHERE event_id IS NOT NULL;

-- One row for each commit of a batch: its own name, so that a commit of unknown outcome can be looked up, and which positions of its
-- producer went to which ledger numbers.
CREATE TABLE chunk (
    namespace      text   NOT NULL,
    batch          uuid   NOT NULL,
    id             uuid   NOT NULL,
    producer       text,
    first_position bigint,
    last_position  bigint,
    first_seq      bigint,
    last_seq       bigint,
    ack            text   NOT NULL,
    PRIMARY KEY (namespace, batch, id)
);
CREATE INDEX chunk_positions ON chunk (namespace, batch, producer, last_position, first_position)
    WHERE last_position IS NOT NULL;

-- Where each producer stands. span is the widest range of positions of one chunk, which bounds where an older position can be.
CREATE TABLE producer (
    namespace text        NOT NULL,
    batch     uuid        NOT NULL,
    producer  text        NOT NULL,
    position  bigint      NOT NULL,
    span      bigint      NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (namespace, batch, producer)
);

-- The account of each file. account is the join of its events; the other columns show it to queries. A name may be longer than an
-- index entry, so the index has its first 600 characters and a digest of what is longer.
CREATE TABLE manifest (
    namespace     text   NOT NULL,
    batch         uuid   NOT NULL,
    file          text   COLLATE "C" NOT NULL,
    long_name     text   COLLATE "C" NOT NULL,
    state         text   NOT NULL,
    run           integer,
    attempt       integer,
    rows          bigint,
    rejected_rows bigint,
    bytes         bigint,
    checksum      text,
    error_code    text,
    account       text   NOT NULL
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX manifest_file ON manifest (namespace, batch, left(file, 600), long_name);
CREATE INDEX manifest_state ON manifest (namespace, batch, state, left(file, 600));
CREATE INDEX manifest_error ON manifest (namespace, batch, error_code, left(file, 600)) WHERE error_code IS NOT NULL;

-- What was refused: the same text for the same reason once, and no more of a batch than is kept by name.
CREATE TABLE rejected (
    namespace  text        NOT NULL,
    batch      uuid        NOT NULL,
    name       text        NOT NULL,
    number     bigint      NOT NULL,
    type       text        NOT NULL,
    status     integer     NOT NULL,
    detail     text        NOT NULL,
    text       text        NOT NULL,
    producer   text,
    position   bigint,
    event_id   text,
    run        integer     NOT NULL,
    times      bigint      NOT NULL,
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    resolution text,
    PRIMARY KEY (namespace, batch, name)
);
CREATE UNIQUE INDEX rejected_number ON rejected (namespace, batch, number);

-- One entry for each opening and each ending of a run: the key allows no second one. Entries are numbered later, densely.
CREATE TABLE log (
    namespace   text        NOT NULL,
    batch       uuid        NOT NULL,
    run         integer     NOT NULL,
    kind        text        NOT NULL,
    seq         bigint,
    recorded_at timestamptz NOT NULL,
    verdict     text,
    body        text        NOT NULL,
    number      bigint UNIQUE,
    PRIMARY KEY (namespace, batch, run, kind)
);
CREATE INDEX log_unnumbered ON log (recorded_at) WHERE number IS NULL;

-- The service adds to the ledger and the log and can take nothing away. Numbering an entry is the one change of the log.
GRANT USAGE ON SCHEMA ${schema} TO ${service};
GRANT SELECT, INSERT, UPDATE ON batch, batch_state, producer, manifest, rejected TO ${service};
GRANT SELECT, INSERT ON ledger, chunk, log TO ${service};
GRANT UPDATE (number) ON log TO ${service};
