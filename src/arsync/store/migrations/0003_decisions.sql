-- What people decide, with an owner and an end; agreements; contacts; and when a book went live.

ALTER TABLE books ADD COLUMN live_on TEXT;        -- day on which its go-live was confirmed; nothing leaves before
ALTER TABLE books ADD COLUMN joined TEXT CHECK (joined IN ('start', 'match', 'skip'));  -- where its old debts joined the ladder
ALTER TABLE books ADD COLUMN reminders INTEGER CHECK (reminders IN (0, 1));  -- the accounting system's own reminders are on; NULL: it does not tell

ALTER TABLE customers ADD COLUMN country TEXT NOT NULL DEFAULT '';      -- ISO 3166 alpha-2
ALTER TABLE customers ADD COLUMN subdivision TEXT NOT NULL DEFAULT '';  -- its state or province, as ISO 3166-2 has it behind the hyphen
ALTER TABLE customers ADD COLUMN groups TEXT NOT NULL DEFAULT '';       -- separated by line breaks

ALTER TABLE message_lines ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;  -- parts of `open` that it does not ask for
ALTER TABLE message_lines ADD COLUMN not_due INTEGER NOT NULL DEFAULT 0;   -- under an agreement
ALTER TABLE message_lines ADD COLUMN round INTEGER NOT NULL DEFAULT 1;     -- above 1: of an instalment
ALTER TABLE messages ADD COLUMN offer_basis_points INTEGER;               -- the discount it offers
ALTER TABLE messages ADD COLUMN offer_days INTEGER;
ALTER TABLE messages ADD COLUMN offer_until TEXT;

-- A book that has written to somebody is live. What is new of customers stands in no record yet, so the
-- next pull reads everything.
UPDATE books SET cursor = NULL;
UPDATE books SET live_on = coalesce(began_on, substr(synced_at, 1, 10), '1970-01-01'), joined = 'start'
WHERE EXISTS (SELECT 1 FROM messages m WHERE m.book = books.book AND m.status IN ('sent', 'sending', 'in-doubt'))
   OR EXISTS (SELECT 1 FROM steps_taken s WHERE s.book = books.book);

-- How customers paid before: read where a policy asks for their behaviour.
CREATE INDEX invoices_settled ON invoices (book, customer_id, changed_on) WHERE open <= 0 AND status IN ('in-force', 'closed');

-- What reached, or may have reached, anybody lately, over all books of the practice.
CREATE INDEX messages_reached ON messages (ended_on, book, customer_id, status) WHERE status IN ('sent', 'sending', 'in-doubt');

DROP TRIGGER invoices_keep_holds;

CREATE TABLE holds_new (
    book TEXT NOT NULL REFERENCES books (book),
    target TEXT NOT NULL CHECK (target IN ('invoice', 'customer')),
    target_id TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('excluded', 'insolvency', 'lawyer', 'hardship', 'complaint', 'disputed', 'promised', 'paused')),
    until TEXT,                        -- the last day it stands, or the day that was promised; without one until released
    note TEXT NOT NULL DEFAULT '',
    put_at TEXT NOT NULL,
    put_on TEXT NOT NULL DEFAULT '',   -- the day of the book on which it was put
    owner TEXT NOT NULL DEFAULT '',    -- who deals with it
    amount INTEGER,                    -- the part that is disputed, or what was promised; NULL: all of it
    currency TEXT NOT NULL DEFAULT '', -- of the amount
    grace INTEGER NOT NULL DEFAULT 0,  -- days after a promise before it counts as broken
    PRIMARY KEY (book, target, target_id, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO holds_new (book, target, target_id, reason, until, note, put_at, put_on)
SELECT book, target, target_id, reason, until, note, put_at, put_on FROM holds;
DROP TABLE holds;
ALTER TABLE holds_new RENAME TO holds;

-- What was open when a promise was made: by what falls since, it is kept or broken.
CREATE TABLE hold_lines (
    book TEXT NOT NULL,
    target TEXT NOT NULL,
    target_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    invoice_id TEXT NOT NULL,          -- '' for the customer's unapplied credit, which stands below zero
    open INTEGER NOT NULL,
    PRIMARY KEY (book, target, target_id, reason, invoice_id),
    FOREIGN KEY (book, target, target_id, reason) REFERENCES holds (book, target, target_id, reason) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

ALTER TABLE holds_past ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE holds_past ADD COLUMN amount INTEGER;
ALTER TABLE holds_past ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE holds_past ADD COLUMN grace INTEGER NOT NULL DEFAULT 0;

-- What holds a customer goes on to hold an invoice of it that comes to another. The lines first: they are
-- those of a promise that the invoice does not have yet. Where the invoice has a hold of that
-- reason by itself, the longer and the larger of both counts; a promise of its own stays as it is.
CREATE TRIGGER invoices_keep_holds AFTER UPDATE ON invoices WHEN NEW.customer_id <> OLD.customer_id
BEGIN
    INSERT INTO moved (book, to_customer, from_customer) VALUES (NEW.book, NEW.customer_id, OLD.customer_id)
    ON CONFLICT DO NOTHING;
    INSERT INTO hold_lines (book, target, target_id, reason, invoice_id, open)
    SELECT l.book, 'invoice', NEW.id, l.reason, l.invoice_id, l.open
    FROM hold_lines l
    JOIN holds h ON h.book = l.book AND h.target = l.target AND h.target_id = l.target_id AND h.reason = l.reason
    WHERE l.book = NEW.book AND l.target = 'customer' AND l.target_id = OLD.customer_id
      AND (h.currency = '' OR h.currency = NEW.currency)
      AND NOT EXISTS (SELECT 1 FROM holds o WHERE o.book = l.book AND o.target = 'invoice'
                        AND o.target_id = NEW.id AND o.reason = l.reason);
    INSERT INTO holds (book, target, target_id, reason, until, note, put_at, put_on, owner, amount, currency, grace)
    SELECT book, 'invoice', NEW.id, reason, until, note, put_at, put_on, owner, amount, currency, grace
    FROM holds
    WHERE book = NEW.book AND target = 'customer' AND target_id = OLD.customer_id
      AND (currency = '' OR currency = NEW.currency)
    ON CONFLICT (book, target, target_id, reason) DO UPDATE SET
        until = CASE WHEN holds.until IS NOT NULL AND excluded.until IS NOT NULL
                     THEN max(holds.until, excluded.until) END,
        amount = CASE WHEN holds.amount IS NOT NULL THEN excluded.amount END,
        currency = CASE WHEN holds.amount IS NULL OR excluded.amount IS NULL THEN '' ELSE holds.currency END,
        note = CASE WHEN holds.note = '' THEN excluded.note ELSE holds.note END,
        owner = CASE WHEN holds.owner = '' THEN excluded.owner ELSE holds.owner END
    WHERE holds.reason <> 'promised';
END;

CREATE TABLE steps_taken_new (
    book TEXT NOT NULL REFERENCES books (book),
    invoice_id TEXT NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL DEFAULT 1,  -- above 1: of an instalment
    step_offset INTEGER NOT NULL,
    on_day TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('message', 'task', 'dropped', 'joined')),  -- joined: passed over at go-live
    source TEXT NOT NULL,              -- the message or task; of go-live 'go-live'
    PRIMARY KEY (book, invoice_id, step, round)
) STRICT, WITHOUT ROWID;
INSERT INTO steps_taken_new SELECT book, invoice_id, step, round, step_offset, on_day, how, source FROM steps_taken;
DROP TABLE steps_taken;
ALTER TABLE steps_taken_new RENAME TO steps_taken;

CREATE TABLE open_tasks_new (
    book TEXT NOT NULL REFERENCES books (book),
    invoice_id TEXT NOT NULL,
    step TEXT NOT NULL,
    round INTEGER NOT NULL DEFAULT 1,
    opened_on TEXT NOT NULL,
    PRIMARY KEY (book, invoice_id, step, round)
) STRICT, WITHOUT ROWID;
INSERT INTO open_tasks_new (book, invoice_id, step, opened_on) SELECT book, invoice_id, step, opened_on FROM open_tasks;
DROP TABLE open_tasks;
ALTER TABLE open_tasks_new RENAME TO open_tasks;

-- Calls and letters, each with what came of it. Messages stand in `messages`.
CREATE TABLE contacts (
    book TEXT NOT NULL REFERENCES books (book),
    seq INTEGER NOT NULL,
    customer_id TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('call', 'letter')),
    on_day TEXT NOT NULL,
    at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('reached', 'no-answer', 'promised', 'disputed', 'complaint', 'sent')),
    note TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',    -- who called or wrote
    task TEXT,                         -- the task it was made for
    PRIMARY KEY (book, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX contacts_customer ON contacts (book, customer_id, on_day);

-- Channels by which a customer wants to hear nothing.
CREATE TABLE opt_outs (
    book TEXT NOT NULL REFERENCES books (book),
    customer_id TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('message', 'call', 'letter')),
    put_at TEXT NOT NULL,
    put_on TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (book, customer_id, channel)
) STRICT, WITHOUT ROWID;

-- Instalment plans, settlements and early-payment discounts.
CREATE TABLE agreements (
    book TEXT NOT NULL REFERENCES books (book),
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('instalments', 'settlement', 'discount')),
    customer_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'agreed', 'kept', 'broken', 'ended')),  -- proposed: waits for approval
    agreed_on TEXT NOT NULL,
    grace INTEGER NOT NULL DEFAULT 0,
    broken_after INTEGER NOT NULL DEFAULT 14,
    amount INTEGER NOT NULL DEFAULT 0, -- what settles it
    until TEXT,                        -- the last day on which that settles it
    conceded INTEGER NOT NULL DEFAULT 0,  -- what was given up, once it is kept
    note TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    first_round INTEGER NOT NULL DEFAULT 2,  -- of its first instalment; others count on from there
    approved_by TEXT NOT NULL DEFAULT '',
    put_at TEXT NOT NULL,
    ended_on TEXT,
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX agreements_customer ON agreements (book, customer_id, state);
CREATE INDEX agreements_state ON agreements (book, state, kind);

CREATE TABLE agreement_lines (
    book TEXT NOT NULL,
    agreement TEXT NOT NULL,
    position INTEGER NOT NULL,
    invoice_id TEXT NOT NULL,
    open INTEGER NOT NULL,             -- when it was agreed
    PRIMARY KEY (book, agreement, position),
    FOREIGN KEY (book, agreement) REFERENCES agreements (book, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX agreement_lines_invoice ON agreement_lines (book, invoice_id);

CREATE TABLE instalments (
    book TEXT NOT NULL,
    agreement TEXT NOT NULL,
    position INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (book, agreement, position),
    FOREIGN KEY (book, agreement) REFERENCES agreements (book, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a customer wants to hear nothing by, and what was agreed with it, goes on with the customer that its
-- invoices come to.
CREATE TRIGGER invoices_keep_terms AFTER UPDATE ON invoices WHEN NEW.customer_id <> OLD.customer_id
BEGIN
    INSERT INTO opt_outs (book, customer_id, channel, put_at, put_on, note, owner)
    SELECT book, NEW.customer_id, channel, put_at, put_on, note, owner
    FROM opt_outs
    WHERE book = NEW.book AND customer_id = OLD.customer_id
    ON CONFLICT DO NOTHING;
    UPDATE agreements SET customer_id = NEW.customer_id
    WHERE book = NEW.book AND customer_id = OLD.customer_id
      AND EXISTS (SELECT 1 FROM agreement_lines l
                  WHERE l.book = agreements.book AND l.agreement = agreements.id AND l.invoice_id = NEW.id)
      AND NOT EXISTS (SELECT 1 FROM agreement_lines l
                      JOIN invoices i ON i.book = l.book AND i.id = l.invoice_id
                      WHERE l.book = agreements.book AND l.agreement = agreements.id
                        AND i.customer_id = OLD.customer_id AND i.open > 0);
END;
