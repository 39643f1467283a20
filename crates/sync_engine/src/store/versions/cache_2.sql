CREATE TABLE records (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    body TEXT NOT NULL, incident INTEGER, ended_at INTEGER,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE trail (
    incident INTEGER NOT NULL,
    step     INTEGER NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE positions (
    person INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    body   TEXT NOT NULL
) STRICT;

CREATE TABLE reference (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE progress (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    backend          TEXT NOT NULL,
    street           TEXT NOT NULL,
    cursor           INTEGER,
    reference_wanted INTEGER NOT NULL,
    last_contact     INTEGER,
    clock_offset_ms  INTEGER NOT NULL, log TEXT
) STRICT;

CREATE INDEX records_by_incident ON records (incident) WHERE incident IS NOT NULL;
CREATE INDEX records_by_end ON records (ended_at) WHERE ended_at IS NOT NULL;
