-- What was owed on past days, when money came in, and whether the books tie out.

ALTER TABLE books ADD COLUMN began_on TEXT;       -- day of the first complete full pull: from here on every change is remembered
ALTER TABLE books ADD COLUMN tied_at TEXT;        -- instant of the last comparison with the accounting system's own figures

ALTER TABLE customers ADD COLUMN bills_parent INTEGER NOT NULL DEFAULT 0 CHECK (bills_parent IN (0, 1));  -- its debts are the parent's to pay

-- Few customers are billed to a parent; these are found without reading the others.
CREATE INDEX customers_billed ON customers (book, parent_id) WHERE bills_parent = 1;

ALTER TABLE invoices ADD COLUMN bcc TEXT NOT NULL DEFAULT '';
ALTER TABLE invoices ADD COLUMN rate TEXT NOT NULL DEFAULT '';        -- home currency for one unit: '1.25', or '1/0.8' where told the other way round
ALTER TABLE invoices ADD COLUMN changed_on TEXT NOT NULL DEFAULT '';  -- day since which what is owed stands as it does
ALTER TABLE credits ADD COLUMN rate TEXT NOT NULL DEFAULT '';
ALTER TABLE credits ADD COLUMN changed_on TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN bcc TEXT NOT NULL DEFAULT '';

CREATE INDEX invoices_bcc ON invoices (book, customer_id, due_on, id, bcc) WHERE open > 0 AND bcc <> '';

-- A book from before begins with what it knew last, and its next pull reads everything: what is new here
-- stands in no record yet.
UPDATE books SET began_on = CASE WHEN full_at IS NULL THEN NULL ELSE substr(synced_at, 1, 10) END, cursor = NULL;
UPDATE invoices SET changed_on = coalesce((SELECT b.began_on FROM books b WHERE b.book = invoices.book), '');
UPDATE credits SET changed_on = coalesce((SELECT b.began_on FROM books b WHERE b.book = credits.book), '');

-- What an invoice was from one day up to, and without, another. Its present state is in `invoices`, from
-- `changed_on` on, so that a day belongs to one state and what never changes is written once.
CREATE TABLE invoices_past (
    book TEXT NOT NULL REFERENCES books (book),
    id TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,            -- the first day on which it was so no more
    number TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    issued_on TEXT,
    due_on TEXT,
    total INTEGER NOT NULL,
    open INTEGER NOT NULL,
    status TEXT NOT NULL,
    promised_on TEXT,
    rate TEXT NOT NULL,
    PRIMARY KEY (book, id, until_on)
) STRICT, WITHOUT ROWID;

CREATE INDEX invoices_past_days ON invoices_past (book, until_on);

CREATE TABLE credits_past (
    book TEXT NOT NULL REFERENCES books (book),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    number TEXT NOT NULL,
    issued_on TEXT,
    rate TEXT NOT NULL,
    PRIMARY KEY (book, kind, id, until_on)
) STRICT, WITHOUT ROWID;

CREATE INDEX credits_past_days ON credits_past (book, until_on);

-- Whichever statement changes a row: a state that stood at the end of a day is kept.
CREATE TRIGGER invoices_keep_past AFTER UPDATE ON invoices WHEN NEW.changed_on > OLD.changed_on
BEGIN
    INSERT INTO invoices_past (book, id, from_on, until_on, number, customer_id, currency, issued_on, due_on,
                               total, open, status, promised_on, rate)
    VALUES (OLD.book, OLD.id, OLD.changed_on, NEW.changed_on, OLD.number, OLD.customer_id, OLD.currency,
            OLD.issued_on, OLD.due_on, OLD.total, OLD.open, OLD.status, OLD.promised_on, OLD.rate);
END;

CREATE TRIGGER credits_keep_past AFTER UPDATE ON credits WHEN NEW.changed_on > OLD.changed_on
BEGIN
    INSERT INTO credits_past (book, kind, id, from_on, until_on, customer_id, currency, remaining, number,
                              issued_on, rate)
    VALUES (OLD.book, OLD.kind, OLD.id, OLD.changed_on, NEW.changed_on, OLD.customer_id, OLD.currency,
            OLD.remaining, OLD.number, OLD.issued_on, OLD.rate);
END;

-- Invoices that came from one customer to another (customers were merged, or it was made out anew): the
-- messages that reached the one count for the other.
CREATE TABLE moved (
    book TEXT NOT NULL REFERENCES books (book),
    to_customer TEXT NOT NULL,
    from_customer TEXT NOT NULL,
    PRIMARY KEY (book, to_customer, from_customer)
) STRICT, WITHOUT ROWID;

-- Invoices that a payment is applied to no more, until they have been read again.
CREATE TABLE bounced (
    book TEXT NOT NULL REFERENCES books (book),
    invoice_id TEXT NOT NULL,
    PRIMARY KEY (book, invoice_id)
) STRICT, WITHOUT ROWID;

-- Holds that were released or renewed, for the days on which they stood.
CREATE TABLE holds_past (
    book TEXT NOT NULL REFERENCES books (book),
    target TEXT NOT NULL,
    target_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT,
    note TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,            -- the first day on which it stood no more
    PRIMARY KEY (book, target, target_id, reason, until_on)
) STRICT, WITHOUT ROWID;

ALTER TABLE holds ADD COLUMN put_on TEXT NOT NULL DEFAULT '';         -- the day of the book on which it was put
UPDATE holds SET put_on = substr(put_at, 1, 10);

-- What holds a customer goes on to hold an invoice of it that comes to another.
CREATE TRIGGER invoices_keep_holds AFTER UPDATE ON invoices WHEN NEW.customer_id <> OLD.customer_id
BEGIN
    INSERT INTO moved (book, to_customer, from_customer) VALUES (NEW.book, NEW.customer_id, OLD.customer_id)
    ON CONFLICT DO NOTHING;
    INSERT INTO holds (book, target, target_id, reason, until, note, put_at, put_on)
    SELECT book, 'invoice', NEW.id, reason, until, note, put_at, put_on
    FROM holds
    WHERE book = NEW.book AND target = 'customer' AND target_id = OLD.customer_id
    ON CONFLICT DO NOTHING;
END;

-- Money that came in, by its date: for the rhythm of payments and for days before the first pull. What
-- is owed never hangs on it; that is the invoice's own open amount.
CREATE TABLE payments (
    book TEXT NOT NULL REFERENCES books (book),
    id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    paid_on TEXT NOT NULL,
    seen_on TEXT NOT NULL,             -- the day on which it was first read
    gone_on TEXT,                      -- the day on which it was read as deleted
    updated_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX payments_days ON payments (book, paid_on) WHERE gone_on IS NULL AND amount > 0;

CREATE TABLE allocations (
    book TEXT NOT NULL,
    payment TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    amount INTEGER NOT NULL,           -- in the invoice's currency
    PRIMARY KEY (book, payment, invoice_id),
    FOREIGN KEY (book, payment) REFERENCES payments (book, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX allocations_invoice ON allocations (book, invoice_id);

-- Customers whose figures are not those of the accounting system; they are not chased until they are.
CREATE TABLE differences (
    book TEXT NOT NULL REFERENCES books (book),
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,            -- in which they were compared
    home INTEGER NOT NULL CHECK (home IN (0, 1)),  -- everything of the customer's, converted to the company's currency
    ours INTEGER NOT NULL,             -- open less unapplied, by this book
    theirs INTEGER NOT NULL,           -- the same by the accounting system
    cause TEXT NOT NULL,
    found_on TEXT NOT NULL,
    PRIMARY KEY (book, customer_id, currency)
) STRICT, WITHOUT ROWID;

-- A row of a payment may be one that cannot be understood too.
CREATE TABLE rejects_new (
    book TEXT NOT NULL REFERENCES books (book),
    entity TEXT NOT NULL CHECK (entity IN ('customer', 'invoice', 'credit', 'payment')),
    id TEXT NOT NULL,                  -- the record's own, else a digest of its raw text
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (book, entity, id)
) STRICT, WITHOUT ROWID;

INSERT INTO rejects_new SELECT book, entity, id, reason, raw, seen_at FROM rejects;
DROP TABLE rejects;
ALTER TABLE rejects_new RENAME TO rejects;

-- The views, for people who look inside: each column says what it is, here and in docs/store.md.

DROP VIEW aging;
CREATE VIEW aging AS
SELECT i.book,                -- the book, by its name in arsync.toml
       d.as_of,               -- the day of the last complete pull, to which the debts are aged
       c.name AS customer,    -- the customer's name
       i.currency,            -- what the amounts are in; currencies are never added
       sum(CASE WHEN i.due_on IS NULL OR i.due_on >= d.as_of
                THEN i.open ELSE 0 END) AS "current",  -- not due yet, due on that day, or without a due date
       sum(CASE WHEN i.due_on < d.as_of AND i.due_on >= d.day_30
                THEN i.open ELSE 0 END) AS "1-30",  -- 1 to 30 days overdue
       sum(CASE WHEN i.due_on < d.day_30 AND i.due_on >= d.day_60
                THEN i.open ELSE 0 END) AS "31-60",  -- 31 to 60 days overdue
       sum(CASE WHEN i.due_on < d.day_60 AND i.due_on >= d.day_90
                THEN i.open ELSE 0 END) AS "61-90",  -- 61 to 90 days overdue
       sum(CASE WHEN i.due_on < d.day_90
                THEN i.open ELSE 0 END) AS "91+",  -- more than 90 days overdue
       sum(i.open) AS "open",  -- the sum of the five; credits are not taken off
       i.customer_id          -- the customer's id in the accounting system
FROM invoices i
JOIN aging_days d ON d.book = i.book
LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.open > 0
GROUP BY i.book, d.as_of, i.customer_id, c.name, i.currency;

DROP VIEW outbox;
CREATE VIEW outbox AS
SELECT m.book,                -- the book, by its name in arsync.toml
       m.id,                  -- the message's id, as `arsync plan` shows it
       m.status,              -- approved, sending, sent, in-doubt, failed or withdrawn
       m.customer_name AS customer,  -- the customer's name when the message was approved
       m.addressees,          -- To, separated by line breaks
       m.step,                -- the furthest step it takes
       m.currency,            -- what its amounts are in
       m.total,               -- the sum of what is open on its invoices
       m.unapplied,           -- the customer's credit beside it
       m.reason,              -- why it was withdrawn, failed or is in doubt
       m.approved_at,         -- instant at which it was released
       m.ended_on,            -- day on which it was sent, withdrawn or failed
       count(l.position) AS invoices  -- how many invoices it lists
FROM messages m LEFT JOIN message_lines l ON l.book = m.book AND l.message = m.id
GROUP BY m.book, m.id;

CREATE VIEW open_invoices AS
SELECT i.book,                -- the book, by its name in arsync.toml
       c.name AS customer,    -- the customer's name
       i.number,              -- the invoice's number
       i.currency,            -- what the amounts are in
       i.open,                -- what is owed
       i.total,               -- what it was made out over
       i.issued_on,           -- its date
       i.due_on,              -- its due date
       d.as_of,               -- the day of the last complete pull, to which it is aged
       CASE WHEN d.as_of IS NULL THEN NULL
            WHEN i.due_on IS NULL OR i.due_on >= d.as_of THEN 'current'
            WHEN i.due_on >= d.day_30 THEN '1-30'
            WHEN i.due_on >= d.day_60 THEN '31-60'
            WHEN i.due_on >= d.day_90 THEN '61-90'
            ELSE '91+' END AS bucket,  -- days overdue on that day: current, 1-30, 31-60, 61-90 or 91+
       i.promised_on,         -- the payment date promised in the accounting system
       i.id,                  -- its id in the accounting system
       i.customer_id          -- the customer's id in the accounting system
FROM invoices i
LEFT JOIN aging_days d ON d.book = i.book
LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.open > 0;

CREATE VIEW invoice_history AS
SELECT s.book,                -- the book, by its name in arsync.toml
       s.id,                  -- the invoice's id in the accounting system
       s.number,              -- its number at that time
       c.name AS customer,    -- the customer's name now
       s.from_on,             -- the first day on which it was so, as far as the book knows
       s.until_on,            -- the first day on which it was so no more; NULL: it is so now
       s.currency,            -- what the amounts are in
       s.open,                -- what was owed
       s.total,               -- what it was made out over
       s.issued_on,           -- its date
       s.due_on,              -- its due date
       s.status,              -- in-force, draft, voided, deleted or closed
       s.promised_on,         -- the payment date promised in the accounting system
       s.customer_id          -- the id of the customer whose it was
FROM (
    SELECT book, id, number, from_on, until_on, currency, open, total, issued_on, due_on, status, promised_on,
           customer_id
    FROM invoices_past
    UNION ALL
    SELECT book, id, number, changed_on, NULL, currency, open, total, issued_on, due_on, status, promised_on,
           customer_id
    FROM invoices
) s
LEFT JOIN customers c ON c.book = s.book AND c.id = s.customer_id;

CREATE VIEW owed_notes AS
SELECT n.book,                -- the book, by its name in arsync.toml
       n.message,             -- the id of the message that the note is about
       n.target,              -- where it belongs: invoice or customer
       coalesce(i.number, c.name) AS name,  -- that invoice's number, or that customer's name
       n.text,                -- what the note says
       n.status,              -- owed, writing (a run is at it), or failed (a person has to see to it)
       n.reason,              -- why it is not written yet, where it was tried
       n.owed_at,             -- instant since which it is owed
       n.target_id            -- the id of the invoice or customer in the accounting system
FROM notes n
LEFT JOIN invoices i ON n.target = 'invoice' AND i.book = n.book AND i.id = n.target_id
LEFT JOIN customers c ON n.target = 'customer' AND c.book = n.book AND c.id = n.target_id
WHERE n.status <> 'written';

CREATE VIEW unreconciled AS
SELECT d.book,                -- the book, by its name in arsync.toml
       c.name AS customer,    -- the customer who is not chased until the figures agree
       d.currency,            -- in which they were compared
       d.ours,                -- open less unapplied, by this book
       d.theirs,              -- the same by the accounting system
       d.ours - d.theirs AS difference,  -- by how much this book says more
       d.cause,               -- why, as far as it can be told
       d.found_on,            -- the day of the comparison
       d.home,                -- 1: everything of the customer's, converted to the company's currency
       d.customer_id          -- the customer's id in the accounting system
FROM differences d
LEFT JOIN customers c ON c.book = d.book AND c.id = d.customer_id;
