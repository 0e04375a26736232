-- Facts out. Queries with :first and :last take a range of customers: one of them, or all.

-- name: book
SELECT book, connector, tenant, name, currency, timezone, cursor, pulling, complete, synced_at, full_at,
       fence, holder, lease_until, tied_at
FROM books WHERE book = ?;

-- Reads nothing but the index invoices_open, in its order.
-- name: debts
SELECT id, number, customer_id, currency, due_on, open, promised_on
FROM invoices
WHERE book = :book AND open > 0 AND customer_id >= :first AND customer_id <= :last
ORDER BY customer_id, currency, due_on, open, id;

-- name: owner
SELECT customer_id FROM invoices WHERE book = ? AND id = ? AND open > 0;

-- name: customers
SELECT id, name, emails, cc, parent_id, country, subdivision, groups
FROM customers
WHERE book = :book AND id >= :first AND id <= :last
  AND EXISTS (SELECT 1 FROM invoices i
              WHERE i.book = customers.book AND i.customer_id = customers.id AND i.open > 0);

-- name: customer
SELECT name, emails, cc, parent_id, country, subdivision, groups FROM customers WHERE book = ? AND id = ?;

-- name: invoice_emails
SELECT coalesce(due_on, '9999'), id, emails FROM invoices
WHERE book = ? AND customer_id = ? AND open > 0 AND emails <> '';

-- name: invoice_cc
SELECT customer_id, coalesce(due_on, '9999'), id, cc FROM invoices
WHERE book = :book AND open > 0 AND cc <> '' AND customer_id >= :first AND customer_id <= :last;

-- name: invoice_bcc
SELECT customer_id, coalesce(due_on, '9999'), id, bcc FROM invoices
WHERE book = :book AND open > 0 AND bcc <> '' AND customer_id >= :first AND customer_id <= :last;

-- Of a family the sums are added up before those are left out that cover nothing.
-- name: unapplied
SELECT customer_id, currency, sum(remaining)
FROM credits
WHERE book = :book AND remaining <> 0 AND customer_id >= :first AND customer_id <= :last
GROUP BY customer_id, currency;

-- Steps that were passed over, at go-live or by a person, were not taken on a day. CROSS JOIN, so that SQLite
-- begins with the open invoices whatever it guesses: the steps of a book's whole past outnumber them.
-- name: steps_taken
SELECT s.invoice_id, s.round, s.step, s.step_offset,
       CASE WHEN s.how IN ('message', 'task') THEN s.on_day END
FROM invoices i
CROSS JOIN steps_taken s
WHERE i.book = :book AND i.open > 0 AND i.customer_id >= :first AND i.customer_id <= :last
  AND s.book = i.book AND s.invoice_id = i.id;

-- A message that is being sent, or is in doubt, may have reached the customer.
-- name: contacted
SELECT customer_id, currency, max(ended_on)
FROM messages
WHERE book = :book AND status IN ('sent', 'sending', 'in-doubt')
  AND customer_id >= :first AND customer_id <= :last
GROUP BY customer_id, currency;

-- name: bound
SELECT l.invoice_id
FROM messages m
JOIN message_lines l ON l.book = m.book AND l.message = m.id
WHERE m.book = :book AND m.status IN ('in-doubt', 'sending', 'failed') AND l.step IS NOT NULL;

-- name: open_tasks
SELECT invoice_id, step, round FROM open_tasks WHERE book = :book;

-- Whose invoices came to another customer.
-- name: moved
SELECT to_customer, from_customer FROM moved WHERE book = :book;
