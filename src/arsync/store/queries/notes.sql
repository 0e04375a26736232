-- Notes: owed -> writing -> written | failed. They go at least once, under their mark and their key.

-- name: owe
INSERT INTO notes (book, message, target, target_id, text, key, owed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book, message, target, target_id) DO NOTHING;

-- name: owed
SELECT message, target, target_id, text, key FROM notes
WHERE book = ? AND status = 'owed'
ORDER BY owed_at, message, target, target_id;

-- name: take
UPDATE notes SET status = 'writing', fence = ?
WHERE book = ? AND message = ? AND target = ? AND target_id = ? AND status = 'owed';

-- name: settle
UPDATE notes SET status = :status, reason = :reason, written_at = :written_at
WHERE book = :book AND message = :message AND target = :target AND target_id = :target_id
  AND status = 'writing' AND fence = :fence;

-- A person has mended what stood in the way.
-- name: owe_again
UPDATE notes SET status = 'owed', reason = '' WHERE book = ? AND status = 'failed';

-- name: give_back
UPDATE notes SET status = 'owed' WHERE book = ? AND status = 'writing' AND fence = ?;

-- A note is about a message, or about a hold, which has no other record than its target.
-- name: customer
SELECT coalesce(
    (SELECT m.customer_id FROM messages m WHERE m.book = :book AND m.id = :message),
    CASE :target WHEN 'customer' THEN :target_id
                 ELSE (SELECT i.customer_id FROM invoices i WHERE i.book = :book AND i.id = :target_id) END);

-- name: count_written
UPDATE runs SET notes_written = coalesce(notes_written, 0) + ? WHERE book = ? AND fence = ?;

-- Notes on invoices that no run has tried to write: none of them can stand there yet.
-- name: untried
SELECT message, target_id FROM notes
WHERE book = ? AND target = 'invoice' AND status = 'owed' AND fence = 0
ORDER BY owed_at, message, target_id;

-- name: digested
DELETE FROM notes
WHERE book = ? AND message = ? AND target = 'invoice' AND status = 'owed' AND fence = 0;
