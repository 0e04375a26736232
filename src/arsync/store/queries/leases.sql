-- Claims of a book, and what a run that died has left behind.

-- name: holder
SELECT fence, holder, lease_until FROM books WHERE book = ?;

-- name: take
UPDATE books SET fence = fence + 1, holder = ?, lease_until = ? WHERE book = ?;

-- name: shorten
UPDATE books SET lease_until = ? WHERE book = ?;

-- name: begin_run
INSERT INTO runs (book, fence, command, started_at, run_id) VALUES (?, ?, ?, ?, ?);

-- name: end_run
UPDATE runs SET ended_at = ?, outcome = ?, api_calls = ?, bytes = ?, problem = ?, trouble = ?
WHERE book = ? AND fence = ?;

-- name: cut_short
UPDATE runs SET outcome = 'cut short' WHERE book = ? AND fence < ? AND ended_at IS NULL AND outcome = '';

-- name: free
UPDATE books SET holder = NULL, lease_until = NULL WHERE book = ? AND fence = ?;

-- name: left_sending
SELECT id, customer_id, ended_at, ended_on FROM messages
WHERE book = ? AND status = 'sending' AND fence < ? ORDER BY id;

-- name: doubt
UPDATE messages SET status = 'in-doubt', reason = ? WHERE book = ? AND id = ?;

-- name: still_owed
UPDATE notes SET status = 'owed' WHERE book = ? AND status = 'writing' AND fence < ?;
