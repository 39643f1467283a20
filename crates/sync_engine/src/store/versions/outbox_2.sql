CREATE TABLE proposals (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    key            TEXT NOT NULL UNIQUE,
    backend        TEXT NOT NULL,
    officer        TEXT NOT NULL,
    occurred_at    INTEGER NOT NULL,
    intent         TEXT NOT NULL,
    stage          TEXT NOT NULL CHECK (stage IN ('queued', 'parked', 'sent')),
    has_left       INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    last_error     TEXT,
    parked_code    TEXT,
    parked_after   INTEGER,
    answered_at    INTEGER,
    receipt_cursor INTEGER,
    basis          TEXT,
    conflict       TEXT
) STRICT;

CREATE TABLE sessions (
    backend    TEXT NOT NULL,
    officer    TEXT NOT NULL,
    body       TEXT NOT NULL,
    token      TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    signed_in  INTEGER NOT NULL,
    PRIMARY KEY (backend, officer)
) STRICT, WITHOUT ROWID;

CREATE TABLE verifiers (
    backend      TEXT NOT NULL,
    officer      TEXT NOT NULL,
    body         TEXT NOT NULL,
    pin_hash     TEXT NOT NULL,
    credential   TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL,
    wrong        INTEGER NOT NULL,
    last_try_at  INTEGER NOT NULL,
    PRIMARY KEY (backend, officer)
) STRICT, WITHOUT ROWID;
