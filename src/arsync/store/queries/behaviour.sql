-- How customers have paid so far. :first and :last take a range of customers: one of them, or all.

-- The day of the last payment that is applied to it; else the day on which nothing was open any more, of one
-- that was seen open.
-- name: settled
SELECT i.customer_id, i.id, i.due_on,
       coalesce((SELECT max(p.paid_on)
                 FROM allocations a
                 JOIN payments p ON p.book = a.book AND p.id = a.payment
                 WHERE a.book = i.book AND a.invoice_id = i.id AND a.amount > 0 AND p.gone_on IS NULL),
                (SELECT i.changed_on FROM invoices_past q
                 WHERE q.book = i.book AND q.id = i.id AND q.until_on = i.changed_on AND q.open > 0)),
       (SELECT count(*) FROM steps_taken s
        WHERE s.book = i.book AND s.invoice_id = i.id AND s.step_offset > 0 AND s.how IN ('message', 'task'))
FROM invoices i
WHERE i.book = :book AND i.open <= 0 AND i.status IN ('in-force', 'closed')
  AND i.customer_id >= :first AND i.customer_id <= :last;

-- Of one who never settled any, the first is among the open ones.
-- name: first
SELECT customer_id, min(coalesce(issued_on, due_on, '9999-12-31'))
FROM invoices
WHERE book = :book AND open > 0 AND customer_id >= :first AND customer_id <= :last
GROUP BY customer_id;
