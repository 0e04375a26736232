-- Holds that people put, and what they mean by a name.

-- name: put
INSERT INTO holds (book, target, target_id, reason, until, note, put_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, target, target_id, reason) DO UPDATE SET
    until = excluded.until, note = excluded.note, put_at = excluded.put_at;

-- name: release
DELETE FROM holds WHERE book = ? AND target = ? AND target_id = ? RETURNING reason, until, note;

-- Messages about an invoice, or to a customer, that the mail server is hearing of right now.
-- name: leaving
SELECT DISTINCT m.id
FROM messages m
LEFT JOIN message_lines l ON l.book = m.book AND l.message = m.id
WHERE m.book = :book AND m.status = 'sending'
  AND ((:target = 'customer' AND m.customer_id = :id) OR (:target = 'invoice' AND l.invoice_id = :id))
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
