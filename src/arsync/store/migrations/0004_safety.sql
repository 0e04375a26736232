-- Survives kills, lost databases and strangers: what a restored book waits for, marks of other
-- installations, what a run came to, and whose silence was told.

-- A restored book sends nothing before what may have left since its backup was put in doubt.
ALTER TABLE books ADD COLUMN restored_from TEXT;  -- when the backup was made; NULL once all is settled
ALTER TABLE books ADD COLUMN restored_at TEXT;

-- The tokens' texts are encrypted. The pair before this one is kept until a call went through with it.
ALTER TABLE tokens ADD COLUMN consented_at TEXT;
ALTER TABLE tokens ADD COLUMN renewed_at TEXT;
ALTER TABLE tokens ADD COLUMN proven INTEGER NOT NULL DEFAULT 1 CHECK (proven IN (0, 1));
ALTER TABLE tokens ADD COLUMN consent_ends_at TEXT;  -- whatever is renewed: the vendor's last day

-- What a run came to, for `arsync status`.
ALTER TABLE runs ADD COLUMN run_id TEXT NOT NULL DEFAULT '';      -- the id that its log lines bear
ALTER TABLE runs ADD COLUMN problem TEXT NOT NULL DEFAULT '';     -- why it failed, in a sentence
ALTER TABLE runs ADD COLUMN expected INTEGER;                     -- messages that were to leave; NULL: none was asked for
ALTER TABLE runs ADD COLUMN sent INTEGER;
ALTER TABLE runs ADD COLUMN notes_written INTEGER;

-- Marks in the accounting system that this database knows nothing of: somebody else chases there too.
CREATE TABLE strange_marks (
    book TEXT NOT NULL REFERENCES books (book),
    message TEXT NOT NULL,             -- the id in the mark
    target TEXT NOT NULL CHECK (target IN ('invoice', 'customer')),
    target_id TEXT NOT NULL,
    text TEXT NOT NULL,                -- the note as it stands there
    seen_at TEXT NOT NULL,
    PRIMARY KEY (book, message, target, target_id)
) STRICT, WITHOUT ROWID;

-- Alerts that were given, so that each is given once.
CREATE TABLE alerts (
    book TEXT NOT NULL REFERENCES books (book),
    what TEXT NOT NULL,                -- silent, failed ...
    since TEXT NOT NULL,
    told_at TEXT NOT NULL,
    PRIMARY KEY (book, what)
) STRICT, WITHOUT ROWID;
