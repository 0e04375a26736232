-- Survives kills, lost databases and strangers: what a restored book waits for, marks of other
-- installations, what a run came to, and whose silence was told.

-- A restored book sends nothing before what may have left since its backup was put in doubt.
ALTER TABLE books ADD COLUMN restored_from TEXT;  -- when its backup was made; NULL where nothing since is unknown
ALTER TABLE books ADD COLUMN restored_at TEXT;    -- when it was brought back: what is not known left between the two
ALTER TABLE books ADD COLUMN restored_read TEXT;  -- when its own notes were read for what they tell of that time

-- Steps of a restored book that may have been taken since its backup, each asked about once.
CREATE TABLE restored_steps (
    book TEXT NOT NULL REFERENCES books (book),
    invoice_id TEXT NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL DEFAULT 1,
    message TEXT NOT NULL,             -- the message in doubt that asks
    made INTEGER NOT NULL CHECK (made IN (0, 1)),  -- 1: it was made to ask; 0: it was in the backup
    alone INTEGER NOT NULL CHECK (alone IN (0, 1)),  -- 0: where it was not taken, no later one was either
    verdict TEXT CHECK (verdict IN ('sent', 'not-sent', 'drop')),  -- NULL: not settled yet
    PRIMARY KEY (book, invoice_id, step, round)
) STRICT, WITHOUT ROWID;

CREATE INDEX restored_steps_message ON restored_steps (book, message);

-- The tokens' texts are encrypted. The pair before this one is kept until a call went through with it.
ALTER TABLE tokens ADD COLUMN consented_at TEXT;
ALTER TABLE tokens ADD COLUMN renewed_at TEXT;
ALTER TABLE tokens ADD COLUMN proven INTEGER NOT NULL DEFAULT 1 CHECK (proven IN (0, 1));
ALTER TABLE tokens ADD COLUMN consent_ends_at TEXT;  -- whatever is renewed: the vendor's last day

-- What a run came to, for `arsync status`.
ALTER TABLE runs ADD COLUMN run_id TEXT NOT NULL DEFAULT '';      -- the id that its log lines bear
ALTER TABLE runs ADD COLUMN problem TEXT NOT NULL DEFAULT '';     -- why it failed, in a sentence
ALTER TABLE runs ADD COLUMN trouble TEXT NOT NULL DEFAULT '';     -- and what is to be done: the words of `Trouble` in store/runs.py
ALTER TABLE runs ADD COLUMN expected INTEGER;                     -- messages that were to leave; NULL: none was asked for
ALTER TABLE runs ADD COLUMN sent INTEGER;                         -- how many left
ALTER TABLE runs ADD COLUMN unsent TEXT NOT NULL DEFAULT '';      -- why the others did not, as 'later 2' a line
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

-- What a rebuild has read in the accounting system so far; nothing once it is done.
CREATE TABLE marks_read (
    book TEXT NOT NULL REFERENCES books (book),
    target TEXT NOT NULL CHECK (target IN ('invoice', 'customer')),
    target_id TEXT NOT NULL,
    text TEXT NOT NULL,                -- the notes with marks that stand there
    read_at TEXT NOT NULL,
    PRIMARY KEY (book, target, target_id)
) STRICT, WITHOUT ROWID;

-- Alerts that were given, so that each is given once.
CREATE TABLE alerts (
    book TEXT NOT NULL,                -- also one whose settings were wrong from the first day
    what TEXT NOT NULL,                -- the words of `Kind` in runs/status.py: silent, failed ...
    since TEXT NOT NULL,
    told_at TEXT NOT NULL,
    PRIMARY KEY (book, what)
) STRICT, WITHOUT ROWID;

-- Whose a number, a name or an address in a letter is, before it leaves.
CREATE INDEX invoices_number ON invoices (lower(number), book, customer_id);
CREATE INDEX credit_notes_number ON credits (lower(number), book, customer_id) WHERE kind = 'credit-note';
CREATE INDEX customers_name ON customers (lower(name));
CREATE INDEX customers_address ON customers (lower(emails));
CREATE INDEX customers_addresses ON customers (book, id) WHERE emails LIKE '%
%' OR cc <> '';
