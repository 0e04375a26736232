-- Holds that people put, and what they mean by a name.

-- name: put
INSERT INTO holds (book, target, target_id, reason, until, note, put_at, put_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, target, target_id, reason) DO UPDATE SET
    until = excluded.until, note = excluded.note, put_at = excluded.put_at, put_on = excluded.put_on;

-- Before one is renewed or released: what stood at the end of a day is kept for questions about that day.
-- name: keep_past
INSERT INTO holds_past (book, target, target_id, reason, until, note, from_on, until_on)
SELECT book, target, target_id, reason, until, note, put_on, :day
FROM holds
WHERE book = :book AND target = :target AND target_id = :target_id AND put_on < :day
  AND (:reason = '' OR reason = :reason)
ON CONFLICT (book, target, target_id, reason, until_on) DO NOTHING;

-- name: release
DELETE FROM holds WHERE book = ? AND target = ? AND target_id = ? RETURNING reason, until, note;

-- name: holds_on
SELECT target, target_id, reason, until, note
FROM holds
WHERE book = :book AND put_on <= :day AND (until IS NULL OR until >= :day)
UNION ALL
SELECT target, target_id, reason, until, note
FROM holds_past
WHERE book = :book AND from_on <= :day AND until_on > :day AND (until IS NULL OR until >= :day);

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
