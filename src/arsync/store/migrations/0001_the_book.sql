-- One SQLite file a practice. The book is the first column of every key, so that one client's rows
-- cannot meet another's. Money is INTEGER minor units beside its currency; dates are ISO text in the
-- book's time zone; instants are UTC ISO text ending in Z. The SQL keeps to what PostgreSQL shares.

CREATE TABLE books (
    book TEXT NOT NULL PRIMARY KEY,
    connector TEXT NOT NULL,
    tenant TEXT,                     -- the company's id in the accounting system, once it was asked
    name TEXT,                       -- the company's name there
    currency TEXT,                   -- its base currency
    timezone TEXT,                   -- IANA name, where the accounting system tells
    cursor TEXT,                     -- where the next pull goes on; written with its page
    pulling TEXT CHECK (pulling IN ('full', 'changes')),  -- a pull that has not seen its last page
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),  -- the last pull came to its end
    synced_at TEXT,                  -- instant of the last complete pull
    full_at TEXT,                    -- instant of the last complete full pull
    fence INTEGER NOT NULL DEFAULT 0,  -- grows by one at each claim; every write of a run says its own
    holder TEXT,                     -- who works on the book now
    lease_until TEXT                 -- until when, by the machine's own clock
) STRICT;

CREATE TABLE customers (
    book TEXT NOT NULL REFERENCES books (book),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    emails TEXT NOT NULL DEFAULT '',   -- single addresses, separated by line breaks
    cc TEXT NOT NULL DEFAULT '',
    parent_id TEXT,                    -- the customer whose addresses serve when this one has none
    language TEXT,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    updated_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE invoices (
    book TEXT NOT NULL REFERENCES books (book),
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    issued_on TEXT,
    due_on TEXT,
    total INTEGER NOT NULL,
    open INTEGER NOT NULL,             -- what is owed; 0 unless the invoice is in force
    status TEXT NOT NULL CHECK (status IN ('in-force', 'draft', 'voided', 'deleted', 'closed')),
    promised_on TEXT,
    emails TEXT NOT NULL DEFAULT '',
    cc TEXT NOT NULL DEFAULT '',
    updated_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

-- Aging and the plan read nothing but this index.
CREATE INDEX invoices_open ON invoices (book, customer_id, currency, due_on, open, id, number, promised_on)
    WHERE open > 0;
-- Few invoices have addresses of their own for copies; these are found without reading the others.
CREATE INDEX invoices_cc ON invoices (book, customer_id, due_on, id, cc) WHERE open > 0 AND cc <> '';

CREATE TABLE credits (
    book TEXT NOT NULL REFERENCES books (book),
    kind TEXT NOT NULL CHECK (kind IN ('credit-note', 'overpayment', 'prepayment', 'payment', 'journal')),
    id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    number TEXT NOT NULL DEFAULT '',
    issued_on TEXT,
    updated_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (book, kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX credits_left ON credits (book, customer_id, currency, remaining) WHERE remaining <> 0;

-- What a full pull has not mentioned yet, of that which was open, or rejected, when it began. What is
-- left here when its last page is stored is closed; a reject is forgotten (its kind is its entity).
CREATE TABLE unmentioned (
    book TEXT NOT NULL REFERENCES books (book),
    entity TEXT NOT NULL CHECK (entity IN ('invoice', 'credit', 'reject')),
    kind TEXT NOT NULL DEFAULT '',
    id TEXT NOT NULL,
    PRIMARY KEY (book, entity, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejects (
    book TEXT NOT NULL REFERENCES books (book),
    entity TEXT NOT NULL CHECK (entity IN ('customer', 'invoice', 'credit')),
    id TEXT NOT NULL,                  -- the record's own, else a digest of its raw text
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (book, entity, id)
) STRICT, WITHOUT ROWID;

-- Holds that people put on an invoice or a customer.
CREATE TABLE holds (
    book TEXT NOT NULL REFERENCES books (book),
    target TEXT NOT NULL CHECK (target IN ('invoice', 'customer')),
    target_id TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('disputed', 'promised', 'paused', 'excluded')),
    until TEXT,                        -- the last day it stands; without one it stands until released
    note TEXT NOT NULL DEFAULT '',
    put_at TEXT NOT NULL,
    PRIMARY KEY (book, target, target_id, reason)
) STRICT, WITHOUT ROWID;

-- The outbox: messages from their approval on.
CREATE TABLE messages (
    book TEXT NOT NULL REFERENCES books (book),
    id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('approved', 'sending', 'sent', 'in-doubt', 'failed', 'withdrawn')),
    customer_id TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    addressees TEXT NOT NULL,          -- To, separated by line breaks
    cc TEXT NOT NULL DEFAULT '',
    accepted TEXT NOT NULL DEFAULT '', -- the addressees that the mail server accepted it for
    refused TEXT NOT NULL DEFAULT '',  -- and those it did not, each with the server's words
    step TEXT NOT NULL,
    template TEXT NOT NULL,
    step_offset INTEGER NOT NULL,      -- days from the due date
    policy TEXT NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    unapplied INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',   -- why it was withdrawn, failed or is in doubt
    message_id TEXT NOT NULL,          -- the Message-ID it bears for ever
    subject TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',     -- the text as it was handed over
    proof TEXT NOT NULL DEFAULT '',    -- when its invoices and credits were read again before it left
    approved_at TEXT NOT NULL,
    ended_at TEXT,                     -- sent, withdrawn or failed at
    ended_on TEXT,                     -- the same as a day of the book
    fence INTEGER NOT NULL DEFAULT 0,  -- of the run that handed it to the mail server
    attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX messages_status ON messages (book, status);
CREATE INDEX messages_customer ON messages (book, customer_id, currency, status, ended_on);

CREATE TABLE message_lines (
    book TEXT NOT NULL,
    message TEXT NOT NULL,
    position INTEGER NOT NULL,
    invoice_id TEXT NOT NULL,
    number TEXT NOT NULL,
    due_on TEXT,
    open INTEGER NOT NULL,
    days_overdue INTEGER,
    step TEXT,                         -- the step it takes; NULL where it is only listed
    step_offset INTEGER,
    PRIMARY KEY (book, message, position),
    FOREIGN KEY (book, message) REFERENCES messages (book, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX message_lines_invoice ON message_lines (book, invoice_id);

-- Steps taken. The identity is the business's: an edited policy or a second run cannot take one twice.
CREATE TABLE steps_taken (
    book TEXT NOT NULL REFERENCES books (book),
    invoice_id TEXT NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL DEFAULT 1,
    step_offset INTEGER NOT NULL,
    on_day TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('message', 'task', 'dropped')),
    source TEXT NOT NULL,              -- the message or task
    PRIMARY KEY (book, invoice_id, step, round)
) STRICT, WITHOUT ROWID;

-- Tasks that were shown to a person and are not closed yet.
CREATE TABLE open_tasks (
    book TEXT NOT NULL REFERENCES books (book),
    invoice_id TEXT NOT NULL,
    step TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    PRIMARY KEY (book, invoice_id, step)
) STRICT, WITHOUT ROWID;

-- Notes to be put into the accounting system: owed -> writing -> written | failed.
CREATE TABLE notes (
    book TEXT NOT NULL REFERENCES books (book),
    message TEXT NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('invoice', 'customer')),
    target_id TEXT NOT NULL,
    text TEXT NOT NULL,
    key TEXT NOT NULL,                 -- the idempotency key, fixed before the first attempt
    status TEXT NOT NULL DEFAULT 'owed' CHECK (status IN ('owed', 'writing', 'written', 'failed')),
    reason TEXT NOT NULL DEFAULT '',
    fence INTEGER NOT NULL DEFAULT 0,
    owed_at TEXT NOT NULL,
    written_at TEXT,
    PRIMARY KEY (book, message, target, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX notes_status ON notes (book, status);

-- What happened, in order: the story that `arsync explain` tells.
CREATE TABLE events (
    book TEXT NOT NULL REFERENCES books (book),
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    day TEXT NOT NULL,                 -- the day of the book
    what TEXT NOT NULL,                -- the words of `What` in store/story.py: approved, sent, withdrawn, held ...
    customer_id TEXT,
    invoice_id TEXT,
    source TEXT,                       -- message or task
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (book, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_customer ON events (book, customer_id);
CREATE INDEX events_invoice ON events (book, invoice_id);
CREATE INDEX events_source ON events (book, source);

CREATE TABLE tokens (
    book TEXT NOT NULL PRIMARY KEY REFERENCES books (book),
    access TEXT NOT NULL,
    refresh TEXT,
    previous_refresh TEXT,
    expires_at TEXT NOT NULL,
    refresh_expires_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    book TEXT NOT NULL REFERENCES books (book),
    fence INTEGER NOT NULL,
    command TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT NOT NULL DEFAULT '',
    api_calls INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (book, fence)
) STRICT, WITHOUT ROWID;

-- The days that part the aging buckets, as of the last complete pull; the view below compares with them.
CREATE TABLE aging_days (
    book TEXT NOT NULL PRIMARY KEY REFERENCES books (book),
    as_of TEXT NOT NULL,
    day_30 TEXT NOT NULL,              -- due on or after it, and before as_of: 1 to 30 days overdue
    day_60 TEXT NOT NULL,
    day_90 TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- For people who look inside: the aged receivables in minor units, as of the last complete pull.
CREATE VIEW aging AS
SELECT i.book, d.as_of, c.name AS customer, i.currency,
       sum(CASE WHEN i.due_on IS NULL OR i.due_on >= d.as_of THEN i.open ELSE 0 END) AS "current",
       sum(CASE WHEN i.due_on < d.as_of AND i.due_on >= d.day_30 THEN i.open ELSE 0 END) AS "1-30",
       sum(CASE WHEN i.due_on < d.day_30 AND i.due_on >= d.day_60 THEN i.open ELSE 0 END) AS "31-60",
       sum(CASE WHEN i.due_on < d.day_60 AND i.due_on >= d.day_90 THEN i.open ELSE 0 END) AS "61-90",
       sum(CASE WHEN i.due_on < d.day_90 THEN i.open ELSE 0 END) AS "91+",
       sum(i.open) AS "open", i.customer_id
FROM invoices i
JOIN aging_days d ON d.book = i.book
LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.open > 0
GROUP BY i.book, d.as_of, i.customer_id, c.name, i.currency;

CREATE VIEW outbox AS
SELECT m.book, m.id, m.status, m.customer_name AS customer, m.addressees, m.step, m.currency, m.total,
       m.unapplied, m.reason, m.approved_at, m.ended_on, count(l.position) AS invoices
FROM messages m LEFT JOIN message_lines l ON l.book = m.book AND l.message = m.id
GROUP BY m.book, m.id;
