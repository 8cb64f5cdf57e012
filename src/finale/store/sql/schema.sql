-- The whole layout of a home's database as the newest migration leaves it: what a reader wants to see in one place.
-- A test holds that migrating from nothing gives exactly this. `PRAGMA user_version` counts the migrations.

-- One row per run. `key` is the run's short name inside this file, `seal` a checksum of the row's other columns.
CREATE TABLE runs (
    key         INTEGER PRIMARY KEY,
    run         TEXT    NOT NULL UNIQUE,  -- the run's uid
    namespace   TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    phase       TEXT    NOT NULL,
    created_ns  INTEGER NOT NULL,         -- since the epoch, as all times here
    started_ns  INTEGER NOT NULL,         -- 0: not yet
    finished_ns INTEGER NOT NULL,         -- 0: not yet
    labels      TEXT    NOT NULL,         -- JSON object
    body        BLOB    NOT NULL,         -- JSON object
    seal        INTEGER NOT NULL
);

CREATE INDEX runs_by_age ON runs (created_ns, key);

CREATE INDEX runs_unfinished ON runs (created_ns, key) WHERE finished_ns = 0;

-- One row per event; `id` is the run's key times 2^32 plus the event's number. So the rows of a run lie side by side,
-- and one B-tree does the work of a table and an index. `seal` is chained: see journal/seals.py.
CREATE TABLE events (
    id   INTEGER PRIMARY KEY,
    seal INTEGER NOT NULL,
    body BLOB    NOT NULL
);

-- The newest snapshot of each run that has one. `row_seal` is the seal of event `number`, from which the chain goes on.
CREATE TABLE snapshots (
    key      INTEGER PRIMARY KEY,
    number   INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    row_seal INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    seal     INTEGER NOT NULL
);

-- Keys of deleted runs whose events are still being removed, some at a time so that no write waits long for them.
CREATE TABLE condemned (
    key INTEGER PRIMARY KEY
);

-- The catalog. `version` is the value that the counter "objects" had when the object last changed.
CREATE TABLE objects (
    key        INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    namespace  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    uid        TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_ns INTEGER NOT NULL,
    body       BLOB    NOT NULL,          -- JSON object
    seal       INTEGER NOT NULL,
    UNIQUE (kind, namespace, name)
);

CREATE TABLE counters (
    name  TEXT    NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- For people with a SQLite shell: select event from story where name = 'etl-x7k2p';
CREATE VIEW story AS
SELECT runs.namespace, runs.name, runs.run, events.id & 4294967295 AS number, CAST(events.body AS TEXT) AS event
FROM runs JOIN events ON events.id > runs.key << 32 AND events.id < (runs.key + 1) << 32
ORDER BY events.id;
