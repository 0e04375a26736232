-- Calls and letters, and what reached customers in whatever way, over all books of the practice.

-- name: log
INSERT INTO contacts (book, seq, customer_id, channel, on_day, at, outcome, note, owner, task)
SELECT :book, coalesce(max(seq), 0) + 1, :customer_id, :channel, :day, :at, :outcome, :note, :owner, :task
FROM contacts WHERE book = :book;

-- name: of_customer
SELECT seq, customer_id, channel, outcome, at, on_day, note, owner, task
FROM contacts
WHERE book = ? AND customer_id = ?
ORDER BY on_day, seq;

-- name: opt_out
INSERT INTO opt_outs (book, customer_id, channel, put_at, put_on, note, owner) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, customer_id, channel) DO UPDATE SET
    put_at = excluded.put_at, put_on = excluded.put_on, note = excluded.note, owner = excluded.owner;

-- name: opt_in
DELETE FROM opt_outs
WHERE book = :book AND customer_id = :customer_id AND (:channel = '' OR channel = :channel)
RETURNING channel;

-- name: opt_outs
SELECT o.customer_id, coalesce(c.name, o.customer_id), o.channel, o.put_at, o.put_on, o.note, o.owner
FROM opt_outs o LEFT JOIN customers c ON c.book = o.book AND c.id = o.customer_id
WHERE o.book = ?
ORDER BY 2, o.customer_id, o.channel;

-- name: opted_out
SELECT customer_id, channel FROM opt_outs WHERE book = :book AND put_on <= :day;

-- A message that is being sent, or is in doubt, may have reached the customer. The plus keeps SQLite from
-- reading all messages of the book: the index messages_reached has those of the days, in their order.
-- name: messages_since
SELECT customer_id, ended_on
FROM messages
WHERE status IN ('sent', 'sending', 'in-doubt') AND ended_on >= :since AND ended_on <= :day AND +book = :book
ORDER BY ended_on;

-- name: messages_of_one
SELECT customer_id, ended_on
FROM messages
WHERE book = :book AND customer_id = :customer AND status IN ('sent', 'sending', 'in-doubt')
  AND ended_on >= :since AND ended_on <= :day;

-- name: by_hand_since
SELECT customer_id, on_day, channel, outcome
FROM contacts
WHERE book = :book AND on_day >= :since AND on_day <= :day;

-- name: by_hand_of_one
SELECT customer_id, on_day, channel, outcome
FROM contacts
WHERE book = :book AND customer_id = :customer AND on_day >= :since AND on_day <= :day;

-- Of other books, by instants: their days are those of other zones.
-- name: messages_elsewhere
SELECT addressees, ended_at
FROM messages
WHERE status IN ('sent', 'sending', 'in-doubt') AND ended_on >= :since AND +book <> :book;

-- name: by_hand_elsewhere
SELECT c.emails, k.at, k.channel, k.outcome
FROM contacts k
JOIN customers c ON c.book = k.book AND c.id = k.customer_id
WHERE k.book <> :book AND k.on_day >= :since;

-- name: other_books
SELECT 1 FROM books WHERE book <> ? LIMIT 1;
