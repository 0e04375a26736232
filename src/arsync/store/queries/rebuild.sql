-- What is found again by marks in the accounting system, and marks that nobody here has left.

-- name: read_before
SELECT target, target_id, text FROM marks_read WHERE book = ? AND read_at >= ?;

-- name: keep_read
INSERT INTO marks_read (book, target, target_id, text, read_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (book, target, target_id) DO UPDATE SET text = excluded.text, read_at = excluded.read_at;

-- name: forget_read
DELETE FROM marks_read WHERE book = ?;

-- Whom to look at: open invoices, with the customers that owe them.
-- name: open_invoices
SELECT id, number, customer_id, currency, open, due_on FROM invoices
WHERE book = ? AND open > 0
ORDER BY customer_id, id;

-- name: names
SELECT id, name FROM customers WHERE book = ?;

-- name: messages
SELECT id, status FROM messages WHERE book = ?;

-- name: noted
SELECT DISTINCT message FROM notes WHERE book = ?;

-- name: known_notes
SELECT message, target, target_id FROM notes WHERE book = ? AND status = 'written';

-- What this database has sent, or may have, left its mark; and a note of its own names what it is about.
-- name: ours
SELECT 1 FROM messages WHERE book = :book AND id = :id AND status IN ('sent', 'sending', 'in-doubt')
UNION ALL
SELECT 1 FROM notes WHERE book = :book AND message = :id;

-- A book that has found again what it had sent: of what it did not look at it knows nothing.
-- name: found_again
SELECT 1 FROM books WHERE book = :book AND restored_read IS NOT NULL
UNION ALL
SELECT 1 FROM messages WHERE book = :book AND status = 'sent' AND reason = :reason;

-- name: strange
INSERT INTO strange_marks (book, message, target, target_id, text, seen_at)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (book, message, target, target_id) DO NOTHING;

-- name: strange_marks
SELECT s.message, s.target, s.target_id, s.text, s.seen_at, coalesce(i.number, c.name, s.target_id)
FROM strange_marks s
LEFT JOIN invoices i ON s.target = 'invoice' AND i.book = s.book AND i.id = s.target_id
LEFT JOIN customers c ON s.target = 'customer' AND c.book = s.book AND c.id = s.target_id
WHERE s.book = :book
  AND NOT EXISTS (SELECT 1 FROM messages m
                  WHERE m.book = s.book AND m.id = s.message AND m.status IN ('sent', 'sending', 'in-doubt'))
  AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.book = s.book AND n.message = s.message)
ORDER BY s.seen_at, s.message, s.target, s.target_id;

-- name: forget_strange
DELETE FROM strange_marks WHERE book = ?;

-- A message that only waited here has left: it is put anew, as its notes tell.
-- name: put_aside
DELETE FROM messages WHERE book = ? AND id = ? AND status IN ('approved', 'failed', 'withdrawn');

-- name: has_left
UPDATE messages SET status = 'sent', accepted = addressees, refused = '', reason = :reason,
                    ended_at = :at, ended_on = :day
WHERE book = :book AND id = :id AND status IN ('approved', 'in-doubt');

-- name: written
INSERT INTO notes (book, message, target, target_id, text, key, status, owed_at, written_at)
VALUES (:book, :message, :target, :target_id, :text, :key, 'written', :at, :at)
ON CONFLICT (book, message, target, target_id) DO UPDATE SET
    status = 'written', reason = '', written_at = coalesce(notes.written_at, excluded.written_at)
WHERE notes.status <> 'written';
