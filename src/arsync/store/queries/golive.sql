-- When a book went live, and what that has written.

-- name: state
SELECT live_on, joined, reminders FROM books WHERE book = ?;

-- name: go_live
UPDATE books SET live_on = :day, joined = :how, reminders = :reminders
WHERE book = :book AND live_on IS NULL;

-- name: pass_over
INSERT INTO steps_taken (book, invoice_id, step, step_offset, on_day, how, source)
VALUES (?, ?, ?, ?, ?, 'joined', 'go-live')
ON CONFLICT (book, invoice_id, step, round) DO NOTHING;
