-- The story of a book.

-- name: log
INSERT INTO events (book, seq, at, day, what, customer_id, invoice_id, source, detail)
SELECT :book, coalesce(max(seq), 0) + 1, :at, :day, :what, :customer_id, :invoice_id, :source, :detail
FROM events WHERE book = :book;

-- name: all
SELECT seq, at, day, what, customer_id, invoice_id, source, detail FROM events WHERE book = :book
ORDER BY seq;

-- name: of_customer
SELECT seq, at, day, what, customer_id, invoice_id, source, detail FROM events
WHERE book = :book AND customer_id = :id
ORDER BY seq;

-- Its own events; those of its messages and agreements, save what happened to another invoice through the
-- same message; and what people put on its customer or talked about with it.
-- name: of_invoice
SELECT seq, at, day, what, customer_id, invoice_id, source, detail FROM events
WHERE book = :book AND invoice_id = :id
UNION
SELECT e.seq, e.at, e.day, e.what, e.customer_id, e.invoice_id, e.source, e.detail
FROM message_lines l
JOIN events e ON e.book = l.book AND e.source = l.message
WHERE l.book = :book AND l.invoice_id = :id AND e.invoice_id IS NULL
UNION
SELECT e.seq, e.at, e.day, e.what, e.customer_id, e.invoice_id, e.source, e.detail
FROM agreement_lines l
JOIN events e ON e.book = l.book AND e.source = l.agreement
WHERE l.book = :book AND l.invoice_id = :id AND e.invoice_id IS NULL
UNION
SELECT e.seq, e.at, e.day, e.what, e.customer_id, e.invoice_id, e.source, e.detail
FROM invoices i
JOIN events e ON e.book = i.book AND e.customer_id = i.customer_id
WHERE i.book = :book AND i.id = :id AND e.invoice_id IS NULL
  AND e.what IN ('held', 'released', 'called', 'letter', 'complaint', 'opted-out', 'opted-in', 'promise-kept',
                 'promise-part-kept', 'promise-broken')
ORDER BY 1;

-- name: runs
SELECT fence, command, started_at, ended_at, outcome, api_calls, bytes FROM runs
WHERE book = ? ORDER BY fence DESC LIMIT ?;
