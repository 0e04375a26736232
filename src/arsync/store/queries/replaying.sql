-- A stretch of a book's past, read once. A state belongs to the days from its first up to, and without,
-- its last column; the present one, which has none there, to all days from its first on.

-- What was owed. With :back also what was paid by the day the book began, for the days before it.
-- name: invoices
SELECT id, number, customer_id, currency, issued_on, due_on, total, open, status, promised_on, changed_on, NULL
FROM invoices
WHERE book = :book AND changed_on <= :last AND (open > 0 OR :back = 1)
UNION ALL
SELECT id, number, customer_id, currency, issued_on, due_on, total, open, status, promised_on, from_on, until_on
FROM invoices_past
WHERE book = :book AND until_on > :first AND from_on <= :last AND (open > 0 OR :back = 1)
ORDER BY 1, 11;

-- What was paid after a day by payments that were there already when the book began.
-- name: paid_after
SELECT a.invoice_id, p.paid_on, a.amount
FROM payments p
JOIN allocations a ON a.book = p.book AND a.payment = p.id
WHERE p.book = :book AND p.paid_on > :day AND p.seen_on <= :began AND p.amount > 0
ORDER BY a.invoice_id, p.paid_on;

-- name: credits
SELECT id, kind, customer_id, currency, remaining, issued_on, changed_on, NULL
FROM credits
WHERE book = :book AND changed_on <= :last AND remaining <> 0
UNION ALL
SELECT id, kind, customer_id, currency, remaining, issued_on, from_on, until_on
FROM credits_past
WHERE book = :book AND until_on > :first AND from_on <= :last AND remaining <> 0;

-- name: holds
SELECT target, target_id, reason, until, note, owner, amount, currency, grace, put_on, NULL
FROM holds
WHERE book = :book AND put_on <= :last
UNION ALL
SELECT target, target_id, reason, until, note, owner, amount, currency, grace, from_on, until_on
FROM holds_past
WHERE book = :book AND until_on > :first AND from_on <= :last
ORDER BY 1, 2, 3, 10;

-- Days after the first on which an agreement began or ended.
-- name: agreements_turn
SELECT agreed_on FROM agreements WHERE book = :book AND agreed_on > :first AND agreed_on <= :last
UNION
SELECT ended_on FROM agreements WHERE book = :book AND ended_on > :first AND ended_on <= :last;

-- name: opt_outs_turn
SELECT DISTINCT put_on FROM opt_outs WHERE book = :book AND put_on > :first AND put_on <= :last;

-- name: sent_between
SELECT count(*) FROM messages WHERE book = ? AND status = 'sent' AND ended_on >= ? AND ended_on <= ?;

-- name: oldest
SELECT min(issued_on) FROM invoices WHERE book = ?;
