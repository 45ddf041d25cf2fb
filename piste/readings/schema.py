"""The tables of the file of readings, the way from earlier forms, what writes a reading."""

from __future__ import annotations

FORM = 3
"""The form of the tables (`PRAGMA user_version`)."""
TABLES = (
    """CREATE TABLE reading (
    subject TEXT NOT NULL, thing TEXT NOT NULL, read_at TEXT, content BLOB, tried_at TEXT, why TEXT,
    PRIMARY KEY (subject, thing), CHECK (ifnull(read_at, tried_at) IS NOT NULL)) STRICT""",
    """CREATE TABLE IF NOT EXISTS former (
    subject TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (subject, path)) STRICT""",
    """CREATE TABLE IF NOT EXISTS finding (
    id TEXT NOT NULL, site TEXT NOT NULL, state TEXT NOT NULL, gravity TEXT NOT NULL, what TEXT NOT NULL,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, cleared_at TEXT, PRIMARY KEY (id, state, first_seen)) STRICT""",
    """CREATE TABLE IF NOT EXISTS day (
    day TEXT NOT NULL PRIMARY KEY, wrong INTEGER NOT NULL, unknown INTEGER NOT NULL, ok INTEGER NOT NULL) STRICT""",
    """CREATE TABLE figure (
    id TEXT NOT NULL, day TEXT NOT NULL, value REAL, unit TEXT NOT NULL, numerator REAL, denominator REAL,
    unknown INTEGER NOT NULL, method TEXT NOT NULL, PRIMARY KEY (id, day)) STRICT""",
)
"""`reading` has the last reading of a thing (`read_at`, `content`), the attempt since then that failed, or both."""
BEFORE = ("ALTER TABLE reading RENAME TO reading_before",)
AFTER = (
    """INSERT INTO reading SELECT subject, thing, iif(why IS NULL, read_at, NULL), content,
    iif(why IS NULL, NULL, read_at), why FROM reading_before""",
    "DROP TABLE reading_before",
)
"""Form 2 had the last attempt alone: a reading, or why there was none."""
READ = """INSERT INTO reading VALUES (?, ?, ?, ?, NULL, NULL) ON CONFLICT (subject, thing) DO UPDATE
SET read_at = excluded.read_at, content = excluded.content, tried_at = NULL, why = NULL"""
TAKEN = """INSERT INTO reading VALUES (?, ?, ?, ?, NULL, NULL) ON CONFLICT (subject, thing) DO UPDATE
SET read_at = excluded.read_at, content = excluded.content,
tried_at = iif(julianday(tried_at) >= julianday(excluded.read_at), tried_at, NULL),
why = iif(julianday(tried_at) >= julianday(excluded.read_at), why, NULL)"""
"""A reading that was not made now takes no later silence away."""
TRIED = """INSERT INTO reading VALUES (?, ?, NULL, NULL, ?, ?) ON CONFLICT (subject, thing) DO UPDATE
SET tried_at = excluded.tried_at, why = excluded.why"""
