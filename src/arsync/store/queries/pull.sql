-- Records in.
-- A row gives way to one with a later stamp, and to one with the same stamp, or with none, where they
-- differ. So what is older never overwrites what is newer, and what did not change is not written.

-- name: customer
INSERT INTO customers AS t (book, id, name, emails, cc, parent_id, bills_parent, language, country, subdivision,
                            groups, active, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, id) DO UPDATE SET
    name = excluded.name, emails = excluded.emails, cc = excluded.cc, parent_id = excluded.parent_id,
    bills_parent = excluded.bills_parent, language = excluded.language, country = excluded.country,
    subdivision = excluded.subdivision, groups = excluded.groups, active = excluded.active,
    updated_at = CASE WHEN excluded.updated_at = '' THEN t.updated_at ELSE excluded.updated_at END
WHERE excluded.updated_at > t.updated_at
   OR ((excluded.updated_at = t.updated_at OR excluded.updated_at = '')
       AND (excluded.name, excluded.emails, excluded.cc, excluded.active, excluded.bills_parent,
            excluded.country, excluded.subdivision, excluded.groups,
            coalesce(excluded.parent_id, ''), coalesce(excluded.language, ''))
        <> (t.name, t.emails, t.cc, t.active, t.bills_parent,
            t.country, t.subdivision, t.groups,
            coalesce(t.parent_id, ''), coalesce(t.language, '')));

-- A rate that is not told this time is the one that was told before. `changed_on` moves on, and the past
-- state is kept by the trigger, only where what is owed, by whom or when has changed.
-- name: invoice
INSERT INTO invoices AS t (book, id, number, customer_id, currency, issued_on, due_on, total, open, status,
                           promised_on, emails, cc, bcc, rate, updated_at, changed_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, id) DO UPDATE SET
    number = excluded.number, customer_id = excluded.customer_id, currency = excluded.currency,
    issued_on = excluded.issued_on, due_on = excluded.due_on, total = excluded.total, open = excluded.open,
    status = excluded.status, promised_on = excluded.promised_on, emails = excluded.emails,
    cc = excluded.cc, bcc = excluded.bcc,
    rate = CASE WHEN excluded.rate = '' THEN t.rate ELSE excluded.rate END,
    updated_at = CASE WHEN excluded.updated_at = '' THEN t.updated_at ELSE excluded.updated_at END,
    changed_on = CASE
        WHEN excluded.changed_on > t.changed_on
             AND (excluded.open, excluded.status, excluded.total, excluded.number, excluded.customer_id,
                  excluded.currency, coalesce(excluded.issued_on, ''), coalesce(excluded.due_on, ''),
                  coalesce(excluded.promised_on, ''))
              <> (t.open, t.status, t.total, t.number, t.customer_id,
                  t.currency, coalesce(t.issued_on, ''), coalesce(t.due_on, ''),
                  coalesce(t.promised_on, ''))
        THEN excluded.changed_on ELSE t.changed_on END
WHERE excluded.updated_at > t.updated_at
   OR ((excluded.updated_at = t.updated_at OR excluded.updated_at = '')
       AND (excluded.open, excluded.status, excluded.total, excluded.number, excluded.customer_id,
            excluded.currency, excluded.emails, excluded.cc, excluded.bcc, coalesce(excluded.issued_on, ''),
            coalesce(excluded.due_on, ''), coalesce(excluded.promised_on, ''),
            CASE WHEN excluded.rate = '' THEN t.rate ELSE excluded.rate END)
        <> (t.open, t.status, t.total, t.number, t.customer_id,
            t.currency, t.emails, t.cc, t.bcc, coalesce(t.issued_on, ''),
            coalesce(t.due_on, ''), coalesce(t.promised_on, ''), t.rate));

-- Not every answer tells a credit's number, date and rate: what was told once stays.
-- name: credit
INSERT INTO credits AS t (book, kind, id, customer_id, currency, remaining, number, issued_on, rate,
                          updated_at, changed_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, kind, id) DO UPDATE SET
    customer_id = excluded.customer_id, currency = excluded.currency, remaining = excluded.remaining,
    number = CASE WHEN excluded.number = '' THEN t.number ELSE excluded.number END,
    issued_on = coalesce(excluded.issued_on, t.issued_on),
    rate = CASE WHEN excluded.rate = '' THEN t.rate ELSE excluded.rate END,
    updated_at = CASE WHEN excluded.updated_at = '' THEN t.updated_at ELSE excluded.updated_at END,
    changed_on = CASE
        WHEN excluded.changed_on > t.changed_on
             AND (excluded.remaining, excluded.customer_id, excluded.currency)
              <> (t.remaining, t.customer_id, t.currency)
        THEN excluded.changed_on ELSE t.changed_on END
WHERE excluded.updated_at > t.updated_at
   OR ((excluded.updated_at = t.updated_at OR excluded.updated_at = '')
       AND (excluded.remaining, excluded.customer_id, excluded.currency,
            CASE WHEN excluded.number = '' THEN t.number ELSE excluded.number END,
            coalesce(excluded.issued_on, t.issued_on, ''),
            CASE WHEN excluded.rate = '' THEN t.rate ELSE excluded.rate END)
        <> (t.remaining, t.customer_id, t.currency, t.number, coalesce(t.issued_on, ''), t.rate));

-- name: payment
INSERT INTO payments AS t (book, id, customer_id, currency, amount, paid_on, seen_on, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, id) DO UPDATE SET
    customer_id = excluded.customer_id, currency = excluded.currency, amount = excluded.amount,
    paid_on = excluded.paid_on, gone_on = NULL,
    updated_at = CASE WHEN excluded.updated_at = '' THEN t.updated_at ELSE excluded.updated_at END
WHERE excluded.updated_at > t.updated_at
   OR ((excluded.updated_at = t.updated_at OR excluded.updated_at = '')
       AND (excluded.customer_id, excluded.currency, excluded.amount, excluded.paid_on, '')
        <> (t.customer_id, t.currency, t.amount, t.paid_on, coalesce(t.gone_on, '')))
RETURNING id;

-- name: drop_allocations
DELETE FROM allocations WHERE book = ? AND payment = ?;

-- name: allocation
INSERT INTO allocations (book, payment, invoice_id, amount) VALUES (?, ?, ?, ?)
ON CONFLICT (book, payment, invoice_id) DO UPDATE SET amount = amount + excluded.amount;

-- A payment that was deleted counts no more; its row stays for the days before.
-- name: gone_payment
UPDATE payments SET gone_on = :day
WHERE book = :book AND id = :id AND gone_on IS NULL AND (:stamp = '' OR :stamp >= updated_at)
RETURNING id;

-- name: allocated_to
SELECT invoice_id FROM allocations WHERE book = ? AND payment = ?;

-- name: reject
INSERT INTO rejects (book, entity, id, reason, raw, seen_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (book, entity, id) DO UPDATE SET
    reason = excluded.reason, raw = excluded.raw, seen_at = excluded.seen_at
WHERE rejects.reason <> excluded.reason OR rejects.raw <> excluded.raw;

-- name: understood
DELETE FROM rejects WHERE book = ? AND entity = ? AND id = ?;

-- A tombstone without a stamp is as new as can be.
-- name: gone_customer
UPDATE customers SET active = 0, updated_at = CASE WHEN :stamp = '' THEN updated_at ELSE :stamp END
WHERE book = :book AND id = :id AND active = 1 AND (:stamp = '' OR :stamp >= updated_at);

-- name: gone_invoice
UPDATE invoices SET open = 0, status = 'deleted',
                    updated_at = CASE WHEN :stamp = '' THEN updated_at ELSE :stamp END,
                    changed_on = CASE WHEN :day > changed_on THEN :day ELSE changed_on END
WHERE book = :book AND id = :id AND (open <> 0 OR status <> 'deleted')
  AND (:stamp = '' OR :stamp >= updated_at);

-- name: gone_credit
UPDATE credits SET remaining = 0, updated_at = CASE WHEN :stamp = '' THEN updated_at ELSE :stamp END,
                   changed_on = CASE WHEN :day > changed_on THEN :day ELSE changed_on END
WHERE book = :book AND id = :id AND (:kind = '' OR kind = :kind) AND remaining <> 0
  AND (:stamp = '' OR :stamp >= updated_at);

-- name: forget_unmentioned
DELETE FROM unmentioned WHERE book = ?;

-- name: expect_invoices
INSERT INTO unmentioned (book, entity, kind, id)
SELECT book, 'invoice', '', id FROM invoices WHERE book = ? AND open > 0;

-- name: expect_credits
INSERT INTO unmentioned (book, entity, kind, id)
SELECT book, 'credit', kind, id FROM credits WHERE book = ? AND remaining <> 0;

-- name: expect_rejects
INSERT INTO unmentioned (book, entity, kind, id)
SELECT book, 'reject', entity, id FROM rejects WHERE book = ?;

-- name: mentioned
DELETE FROM unmentioned WHERE book = ? AND entity = ? AND kind = ? AND id = ?;

-- A credit that was rejected is told by its id alone.
-- name: mentioned_credit_of_any_kind
DELETE FROM unmentioned WHERE book = ? AND entity = 'credit' AND id = ?;

-- A rejected row without an id may be any of its kind: none of them can be said to be unmentioned.
-- name: mentioned_all
DELETE FROM unmentioned WHERE book = ? AND entity = ?;

-- name: close_invoices
UPDATE invoices SET open = 0, status = 'closed',
                    changed_on = CASE WHEN :day > changed_on THEN :day ELSE changed_on END
WHERE book = :book AND open > 0
  AND id IN (SELECT id FROM unmentioned WHERE book = :book AND entity = 'invoice');

-- name: close_credits
UPDATE credits SET remaining = 0, changed_on = CASE WHEN :day > changed_on THEN :day ELSE changed_on END
WHERE book = :book AND remaining <> 0
  AND EXISTS (SELECT 1 FROM unmentioned u
              WHERE u.book = credits.book AND u.entity = 'credit' AND u.kind = credits.kind
                AND u.id = credits.id);

-- name: close_rejects
DELETE FROM rejects
WHERE book = :book
  AND EXISTS (SELECT 1 FROM unmentioned u
              WHERE u.book = rejects.book AND u.entity = 'reject' AND u.kind = rejects.entity
                AND u.id = rejects.id);

-- name: completed
UPDATE books SET pulling = NULL, complete = 1, synced_at = :at,
                 full_at = CASE WHEN :full = 1 THEN :at ELSE full_at END,
                 began_on = CASE WHEN :full = 1 THEN coalesce(began_on, :day) ELSE began_on END
WHERE book = :book;

-- name: aging_days
INSERT INTO aging_days (book, as_of, day_30, day_60, day_90) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (book) DO UPDATE SET as_of = excluded.as_of, day_30 = excluded.day_30,
                                 day_60 = excluded.day_60, day_90 = excluded.day_90;

-- The credits of a customer that are left by our books.
-- name: credits_left
SELECT kind, id FROM credits WHERE book = ? AND customer_id = ? AND remaining <> 0;

-- name: bounced
INSERT INTO bounced (book, invoice_id) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: seen_again
DELETE FROM bounced WHERE book = ? AND invoice_id = ?;

-- name: all_seen_again
DELETE FROM bounced WHERE book = ?;

-- name: still_bounced
SELECT invoice_id FROM bounced WHERE book = ? ORDER BY invoice_id;

-- name: left_of_kind
SELECT id FROM credits WHERE book = ? AND kind = ? AND remaining <> 0;
