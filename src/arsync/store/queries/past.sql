-- What was owed on past days. A state belongs to the days from `from_on` up to, and without, `until_on`;
-- the present one, in the table of the records themselves, to all days from `changed_on` on.

-- name: began
SELECT began_on FROM books WHERE book = ?;

-- name: invoices_on
SELECT id, number, customer_id, currency, issued_on, due_on, total, open, status, promised_on, rate
FROM invoices
WHERE book = :book AND changed_on <= :day
UNION ALL
SELECT id, number, customer_id, currency, issued_on, due_on, total, open, status, promised_on, rate
FROM invoices_past
WHERE book = :book AND until_on > :day AND from_on <= :day;

-- name: credits_on
SELECT id, kind, customer_id, currency, remaining, number, issued_on, rate
FROM credits
WHERE book = :book AND changed_on <= :day AND remaining <> 0
UNION ALL
SELECT id, kind, customer_id, currency, remaining, number, issued_on, rate
FROM credits_past
WHERE book = :book AND until_on > :day AND from_on <= :day AND remaining <> 0;

-- What was paid after a day by payments that were there already when the book began.
-- name: paid_after
SELECT a.invoice_id, sum(a.amount)
FROM payments p
JOIN allocations a ON a.book = p.book AND a.payment = p.id
WHERE p.book = :book AND p.paid_on > :day AND p.seen_on <= :began AND p.amount > 0
GROUP BY a.invoice_id;

-- name: payment_days
SELECT id, paid_on FROM payments WHERE book = ?;

-- name: names
SELECT id, name FROM customers WHERE book = ?;

-- name: steps_on
SELECT invoice_id, round, step, step_offset, CASE WHEN how IN ('message', 'task') THEN on_day END
FROM steps_taken
WHERE book = :book AND on_day <= :day
ORDER BY invoice_id, step, round;

-- name: contacted_on
SELECT customer_id, currency, max(ended_on)
FROM messages
WHERE book = :book AND status IN ('sent', 'sending', 'in-doubt') AND ended_on <= :day
GROUP BY customer_id, currency;
