-- On which days money came in, the last first.

-- name: paid_days
SELECT paid_on FROM (
    SELECT paid_on FROM payments WHERE book = :book AND gone_on IS NULL AND amount > 0 AND paid_on <= :today
    UNION
    SELECT issued_on FROM credits
    WHERE book = :book AND remaining <> 0 AND kind IN ('payment', 'overpayment', 'prepayment')
      AND issued_on <= :today
) days
ORDER BY paid_on DESC
LIMIT :most;

-- Not every accounting system tells its payments: the days on which less was open than the day before.
-- name: falls
SELECT DISTINCT p.until_on
FROM invoices_past p
JOIN invoices i ON i.book = p.book AND i.id = p.id
LEFT JOIN invoices_past q ON q.book = p.book AND q.id = p.id AND q.from_on = p.until_on
WHERE p.book = :book AND p.status = 'in-force' AND p.until_on <= :today AND p.until_on > :since
  AND p.open > coalesce(q.open, i.open)
  AND coalesce(q.status, i.status) IN ('in-force', 'closed')
ORDER BY p.until_on DESC
LIMIT :most;
