-- Everything that a book knows, for spreadsheets: read row by row.

-- name: invoices
SELECT i.id, i.number, i.customer_id, coalesce(c.name, i.customer_id), i.issued_on, i.due_on, i.currency,
       i.total, i.open, i.status, i.promised_on
FROM invoices i
LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.book = ?
ORDER BY 4, i.customer_id, coalesce(i.due_on, '9999'), i.number, i.id;

-- name: messages
SELECT id, status, customer_id, customer_name, addressees, cc, bcc, step, currency, total, unapplied,
       approved_at, ended_at, reason, subject
FROM messages
WHERE book = ?
ORDER BY approved_at, id;

-- name: numbers
SELECT CASE WHEN number = '' THEN invoice_id ELSE number END
FROM message_lines
WHERE book = ? AND message = ?
ORDER BY position;

-- name: notes
SELECT n.message, n.target, n.target_id, coalesce(i.number, c.name, ''), n.text, n.status, n.reason,
       n.written_at
FROM notes n
LEFT JOIN invoices i ON n.target = 'invoice' AND i.book = n.book AND i.id = n.target_id
LEFT JOIN customers c ON n.target = 'customer' AND c.book = n.book AND c.id = n.target_id
WHERE n.book = ?
ORDER BY n.owed_at, n.message, n.target, n.target_id;
