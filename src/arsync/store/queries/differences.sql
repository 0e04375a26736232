-- What `arsync reconcile` found last.

-- name: known
SELECT customer_id, currency, ours, theirs, cause, home, found_on
FROM differences
WHERE book = ?
ORDER BY customer_id, currency;

-- A difference that stays keeps the day on which it was found.
-- name: put
INSERT INTO differences (book, customer_id, currency, home, ours, theirs, cause, found_on)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, customer_id, currency) DO UPDATE SET
    home = excluded.home, ours = excluded.ours, theirs = excluded.theirs, cause = excluded.cause;

-- name: forget
DELETE FROM differences WHERE book = ? AND customer_id = ? AND currency = ?;

-- name: compared
UPDATE books SET tied_at = ? WHERE book = ?;

-- name: rejected
SELECT entity, id FROM rejects WHERE book = ?;
