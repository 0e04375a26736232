-- Holds that people put, and what they mean by a name.

-- name: put
INSERT INTO holds (book, target, target_id, reason, until, note, put_at, put_on, owner, amount, currency, grace)
VALUES (:book, :target, :target_id, :reason, :until, :note, :at, :day, :owner, :amount, :currency, :grace)
ON CONFLICT (book, target, target_id, reason) DO UPDATE SET
    until = excluded.until, note = excluded.note, put_at = excluded.put_at, put_on = excluded.put_on,
    owner = excluded.owner, amount = excluded.amount, currency = excluded.currency, grace = excluded.grace;

-- name: drop_lines
DELETE FROM hold_lines WHERE book = :book AND target = :target AND target_id = :target_id AND reason = :reason;

-- name: line
INSERT INTO hold_lines (book, target, target_id, reason, invoice_id, open) VALUES (?, ?, ?, ?, ?, ?);

-- Before one is renewed or released: what stood at the end of a day is kept for questions about that day.
-- name: keep_past
INSERT INTO holds_past (book, target, target_id, reason, until, note, from_on, until_on, owner, amount,
                        currency, grace)
SELECT book, target, target_id, reason, until, note, put_on, :day, owner, amount, currency, grace
FROM holds
WHERE book = :book AND target = :target AND target_id = :target_id AND put_on < :day
  AND (:reason = '' OR reason = :reason)
ON CONFLICT (book, target, target_id, reason, until_on) DO NOTHING;

-- name: release
DELETE FROM holds
WHERE book = :book AND target = :target AND target_id = :target_id AND (:reason = '' OR reason = :reason)
RETURNING reason, until, note, owner, amount, currency, grace, put_on;

-- name: of
SELECT reason, until, note, owner, amount, currency, grace, put_on
FROM holds
WHERE book = :book AND target = :target AND target_id = :target_id
ORDER BY reason;

-- A promise stands some days longer than the day that was promised; the reader counts them. The last
-- column tells whether it stands still: then its lines are known.
-- name: standing
SELECT target, target_id, reason, until, note, owner, amount, currency, grace, put_on, 1
FROM holds
WHERE book = :book AND (until IS NULL OR until >= :day OR grace > 0);

-- name: standing_on
SELECT target, target_id, reason, until, note, owner, amount, currency, grace, put_on, 1
FROM holds
WHERE book = :book AND put_on <= :day AND (until IS NULL OR until >= :day OR grace > 0)
UNION ALL
SELECT target, target_id, reason, until, note, owner, amount, currency, grace, from_on, 0
FROM holds_past
WHERE book = :book AND from_on <= :day AND until_on > :day AND (until IS NULL OR until >= :day OR grace > 0);

-- name: lines
SELECT target, target_id, reason, invoice_id, open FROM hold_lines WHERE book = :book;

-- name: lines_of
SELECT target, target_id, reason, invoice_id, open
FROM hold_lines
WHERE book = :book AND target = :target AND target_id = :target_id AND reason = :reason;

-- name: open_of_invoice
SELECT id, currency, open FROM invoices WHERE book = ? AND id = ? AND open > 0;

-- name: open_of_customer
SELECT id, currency, open FROM invoices WHERE book = ? AND customer_id = ? AND open > 0 ORDER BY id;

-- name: credit_of
SELECT coalesce(sum(remaining), 0) FROM credits
WHERE book = ? AND customer_id = ? AND currency = ? AND remaining <> 0;

-- Messages about an invoice, or to a customer, that the mail server is hearing of right now.
-- name: leaving
SELECT DISTINCT m.id
FROM messages m
LEFT JOIN message_lines l ON l.book = m.book AND l.message = m.id
WHERE m.book = :book AND m.status = 'sending'
  AND ((:target = 'customer' AND m.customer_id = :id) OR (:target = 'invoice' AND l.invoice_id = :id)
       OR (:target = 'customer' AND l.invoice_id IN
           (SELECT i.id FROM invoices i WHERE i.book = :book AND i.customer_id = :id)))
ORDER BY m.id;

-- name: customer_of_invoice
SELECT customer_id FROM invoices WHERE book = ? AND id = ?;

-- name: label_of_invoice
SELECT CASE WHEN number = '' THEN id ELSE number END FROM invoices WHERE book = ? AND id = ?;

-- name: label_of_customer
SELECT name FROM customers WHERE book = ? AND id = ?;

-- name: invoices_by_number
SELECT i.id, i.number, i.customer_id, coalesce(c.name, i.customer_id)
FROM invoices i LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.book = ? AND i.number = ?
ORDER BY i.open DESC, i.id;

-- name: invoice_by_id
SELECT i.id, i.number, i.customer_id, coalesce(c.name, i.customer_id)
FROM invoices i LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.book = ? AND i.id = ?;

-- name: customers
SELECT id, name FROM customers WHERE book = ? ORDER BY name, id;

-- name: numbers
SELECT number FROM invoices WHERE book = ? AND open > 0 ORDER BY number;
