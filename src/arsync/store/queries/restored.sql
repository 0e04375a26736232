-- Copies of the database, and what a book that was brought back does not know. `aside` is the database
-- that the copy took the place of, attached.

-- Of the tables and columns of the first version, for the copy may be that old.
-- name: inside
SELECT b.book, b.connector, b.tenant, b.name, b.synced_at,
       (SELECT count(*) FROM invoices i WHERE i.book = b.book AND i.open > 0),
       (SELECT count(*) FROM messages m WHERE m.book = b.book AND m.status = 'sent')
FROM books b ORDER BY b.book;

-- name: last_happening
SELECT max(at) FROM (
    SELECT max(synced_at) AS at FROM books
    UNION ALL SELECT max(started_at) FROM runs
    UNION ALL SELECT max(ended_at) FROM runs
    UNION ALL SELECT max(at) FROM events
    UNION ALL SELECT max(approved_at) FROM messages
    UNION ALL SELECT max(ended_at) FROM messages
);

-- Everything that is in the copy must be there: then what is there went on from the copy.
-- name: began_as_the_copy
SELECT EXISTS (SELECT 1 FROM main.runs WHERE book = :book)
   AND NOT EXISTS (SELECT 1 FROM main.runs m WHERE m.book = :book AND NOT EXISTS (
           SELECT 1 FROM aside.runs a WHERE a.book = m.book AND a.fence = m.fence
              AND a.command = m.command AND a.started_at = m.started_at))
   AND NOT EXISTS (SELECT 1 FROM main.events m WHERE m.book = :book AND NOT EXISTS (
           SELECT 1 FROM aside.events a WHERE a.book = m.book AND a.seq = m.seq AND a.at = m.at
              AND a.what = m.what AND a.source IS m.source));

-- An older database that says of a doubt that it failed does not know of the attempt after that.
-- name: newer_messages
SELECT a.id, a.status FROM aside.messages a
WHERE a.book = :book AND a.status IN ('sent', 'in-doubt', 'sending', 'failed')
  AND NOT EXISTS (SELECT 1 FROM main.messages m
                  WHERE m.book = a.book AND m.id = a.id
                    AND (m.status IN (a.status, 'sent')
                         OR (m.status = 'in-doubt' AND a.status = 'failed' AND NOT :whole)))
ORDER BY a.id;

-- name: without_message
DELETE FROM main.messages WHERE book = ? AND id = ?;

-- name: message_over
INSERT INTO main.messages SELECT * FROM aside.messages WHERE book = ? AND id = ?;

-- name: lines_over
INSERT INTO main.message_lines SELECT * FROM aside.message_lines WHERE book = ? AND message = ?;

-- Nobody is sending it any more.
-- name: was_being_sent
UPDATE main.messages SET status = 'in-doubt', reason = ? WHERE book = ? AND status = 'sending';

-- name: steps_over
INSERT INTO main.steps_taken SELECT * FROM aside.steps_taken WHERE book = :book ON CONFLICT DO NOTHING;

-- name: tasks_over
INSERT INTO main.open_tasks SELECT * FROM aside.open_tasks WHERE book = :book ON CONFLICT DO NOTHING;

-- name: tasks_done
DELETE FROM main.open_tasks AS t WHERE t.book = :book AND EXISTS (
    SELECT 1 FROM main.steps_taken s
    WHERE s.book = t.book AND s.invoice_id = t.invoice_id AND s.step = t.step AND s.round = t.round);

-- name: notes_newer
SELECT count(*) FROM aside.notes a WHERE a.book = :book AND NOT EXISTS (
    SELECT 1 FROM main.notes m WHERE m.book = a.book AND m.message = a.message AND m.target = a.target
       AND m.target_id = a.target_id AND m.status = a.status);

-- name: notes_over
INSERT OR REPLACE INTO main.notes SELECT * FROM aside.notes WHERE book = :book;

-- name: contacts_over
INSERT INTO main.contacts (book, seq, customer_id, channel, on_day, at, outcome, note, owner, task)
SELECT a.book, (SELECT coalesce(max(seq), 0) FROM main.contacts WHERE book = :book) + row_number() OVER (ORDER BY a.seq),
       a.customer_id, a.channel, a.on_day, a.at, a.outcome, a.note, a.owner, a.task
FROM aside.contacts a
WHERE a.book = :book AND NOT EXISTS (
    SELECT 1 FROM main.contacts m
    WHERE m.book = a.book AND m.customer_id = a.customer_id AND m.channel = a.channel AND m.at = a.at
      AND m.outcome = a.outcome AND m.note = a.note);

-- name: events_over
INSERT INTO main.events (book, seq, at, day, what, customer_id, invoice_id, source, detail)
SELECT a.book, (SELECT coalesce(max(seq), 0) FROM main.events WHERE book = :book) + row_number() OVER (ORDER BY a.seq),
       a.at, a.day, a.what, a.customer_id, a.invoice_id, a.source, a.detail
FROM aside.events a
WHERE a.book = :book AND NOT EXISTS (
    SELECT 1 FROM main.events m
    WHERE m.book = a.book AND m.at = a.at AND m.what = a.what AND m.customer_id IS a.customer_id
      AND m.invoice_id IS a.invoice_id AND m.source IS a.source AND m.detail = a.detail);

-- name: opt_outs_over
INSERT INTO main.opt_outs SELECT * FROM aside.opt_outs WHERE book = :book ON CONFLICT DO NOTHING;

-- name: holds_renewed
DELETE FROM main.holds AS m WHERE m.book = :book AND EXISTS (
    SELECT 1 FROM aside.holds a
    WHERE a.book = m.book AND a.target = m.target AND a.target_id = m.target_id AND a.reason = m.reason
      AND a.put_at > m.put_at);

-- name: holds_over
INSERT INTO main.holds SELECT * FROM aside.holds WHERE book = :book ON CONFLICT DO NOTHING;

-- name: hold_lines_over
INSERT INTO main.hold_lines SELECT l.* FROM aside.hold_lines l
JOIN aside.holds a ON a.book = l.book AND a.target = l.target AND a.target_id = l.target_id AND a.reason = l.reason
JOIN main.holds m ON m.book = a.book AND m.target = a.target AND m.target_id = a.target_id AND m.reason = a.reason
                 AND m.put_at = a.put_at
WHERE l.book = :book ON CONFLICT DO NOTHING;

-- name: holds_again
SELECT count(*) FROM main.holds m WHERE m.book = :book AND NOT EXISTS (
    SELECT 1 FROM aside.holds a
    WHERE a.book = m.book AND a.target = m.target AND a.target_id = m.target_id AND a.reason = m.reason);

-- What was agreed on since its proposal, or was kept, goes on to hold its invoices.
-- name: agreements_renewed
DELETE FROM main.agreements AS m WHERE m.book = :book AND EXISTS (
    SELECT 1 FROM aside.agreements a
    WHERE a.book = m.book AND a.id = m.id AND a.put_at = m.put_at
      AND ((m.state = 'proposed' AND a.state IN ('agreed', 'kept')) OR (m.state = 'agreed' AND a.state = 'kept')));

-- name: agreements_over
INSERT INTO main.agreements SELECT * FROM aside.agreements WHERE book = :book ON CONFLICT DO NOTHING;

-- name: agreement_lines_over
INSERT INTO main.agreement_lines SELECT * FROM aside.agreement_lines WHERE book = :book ON CONFLICT DO NOTHING;

-- name: instalments_over
INSERT INTO main.instalments SELECT * FROM aside.instalments WHERE book = :book ON CONFLICT DO NOTHING;

-- name: moved_over
INSERT INTO main.moved SELECT * FROM aside.moved WHERE book = :book ON CONFLICT DO NOTHING;

-- name: marks_over
INSERT INTO main.strange_marks SELECT * FROM aside.strange_marks WHERE book = :book ON CONFLICT DO NOTHING;

-- name: asked_over
INSERT OR REPLACE INTO main.restored_steps SELECT * FROM aside.restored_steps WHERE book = :book;

-- name: window_over
UPDATE main.books SET (restored_from, restored_at, restored_read) =
    (SELECT a.restored_from, a.restored_at, a.restored_read FROM aside.books a WHERE a.book = main.books.book)
WHERE book = :book;

-- What was renewed serves no more: the tokens that were renewed last are kept, of whichever database.
-- name: tokens_over
INSERT OR REPLACE INTO main.tokens
SELECT * FROM aside.tokens a
WHERE a.book = :book AND NOT EXISTS (
    SELECT 1 FROM main.tokens m WHERE m.book = a.book AND m.renewed_at > coalesce(a.renewed_at, ''));

-- The book was disconnected since.
-- name: tokens_gone
DELETE FROM main.tokens AS m
WHERE m.book = :book AND NOT EXISTS (SELECT 1 FROM aside.tokens a WHERE a.book = m.book);

-- name: went_live
SELECT 1 FROM main.books m JOIN aside.books a ON a.book = m.book
WHERE m.book = :book AND m.live_on IS NULL AND a.live_on IS NOT NULL;

-- The restore itself is at work there, and is no run of the book.
-- name: runs_over
INSERT INTO main.runs SELECT * FROM aside.runs
WHERE book = :book AND NOT (command = 'restore' AND ended_at IS NULL) ON CONFLICT DO NOTHING;

-- name: fence_aside
SELECT fence FROM aside.books WHERE book = ?;

-- name: books_aside
SELECT book, connector FROM aside.books ORDER BY book;

-- Nobody works on it, its next pull reads everything, and what ran before writes nothing any more.
-- name: afresh
UPDATE books SET fence = max(fence, :fence) + 1, holder = NULL, lease_until = NULL, cursor = NULL, pulling = NULL,
                 complete = 0
WHERE book = :book;

-- name: unknown_since
UPDATE books SET restored_from = :since, restored_at = :at, restored_read = NULL WHERE book = :book;

-- A note that was owed may have been written since: it is looked for, and stays where it is owed.
-- name: may_stand
UPDATE notes SET fence = 1 WHERE book = ? AND status = 'owed' AND fence = 0;

-- What was settled is about an earlier time.
-- name: forget_settled
DELETE FROM restored_steps WHERE book = ? AND verdict IS NOT NULL;

-- name: may_have_left
SELECT id, customer_id, status FROM messages
WHERE book = ? AND status IN ('approved', 'sending', 'in-doubt') ORDER BY id;

-- A question that is open still is about both times.
-- name: asks_still
UPDATE messages SET reason = :reason, ended_at = :at, ended_on = :day
WHERE book = :book AND status = 'in-doubt' AND id IN
    (SELECT r.message FROM restored_steps r WHERE r.book = :book AND r.made = 1 AND r.verdict IS NULL);

-- name: doubt
UPDATE messages SET status = 'in-doubt', reason = :reason, ended_at = :at, ended_on = :day
WHERE book = :book AND id = :id AND status IN ('approved', 'sending');

-- name: ask
INSERT INTO restored_steps (book, invoice_id, step, round, message, made, alone)
SELECT l.book, l.invoice_id, l.step, l.round, l.message, :made, :alone
FROM message_lines l
WHERE l.book = :book AND l.message = :id AND l.step IS NOT NULL
ON CONFLICT (book, invoice_id, step, round) DO UPDATE SET
    message = excluded.message, alone = excluded.alone, verdict = NULL,
    -- what was made to ask, and asks still, was not approved by a restore that came after it
    made = CASE WHEN message = excluded.message AND verdict IS NULL THEN made ELSE excluded.made END;

-- name: window
SELECT restored_from, restored_at FROM books WHERE book = ? AND restored_from IS NOT NULL;

-- name: notes_read
SELECT 1 FROM books WHERE book = ? AND restored_read IS NOT NULL;

-- name: read_notes
UPDATE books SET restored_read = ? WHERE book = ?;

-- Steps are climbed one by one: one that was not taken tells of the later ones too, unless it may have been
-- passed over.
-- name: cleared
SELECT 1 FROM restored_steps
WHERE book = :book AND invoice_id = :invoice AND round = :round AND verdict = 'not-sent'
  AND (step = :step OR alone = 0);

-- The days on which it was due before: a step may have been taken by any of them.
-- name: first_due
SELECT min(due_on) FROM invoices_past WHERE book = ? AND id = ?;

-- name: last_known
SELECT max(ended_on) FROM messages
WHERE book = ? AND customer_id = ? AND status = 'sent' AND ended_on < ?;

-- name: unsettled
SELECT DISTINCT message FROM restored_steps WHERE book = ? AND verdict IS NULL ORDER BY message;

-- name: made
SELECT 1 FROM restored_steps WHERE book = ? AND message = ? AND made = 1 AND verdict IS NULL LIMIT 1;

-- name: settle
UPDATE restored_steps SET verdict = :verdict WHERE book = :book AND message = :id AND verdict IS NULL;

-- name: strike
DELETE FROM messages WHERE book = ? AND id = ? AND status = 'approved';

-- Questions whose steps are known to have been taken, all of them.
-- name: answered
SELECT DISTINCT r.message, r.made FROM restored_steps r
WHERE r.book = :book AND r.verdict IS NULL AND NOT EXISTS (
    SELECT 1 FROM restored_steps o
    WHERE o.book = r.book AND o.message = r.message AND NOT EXISTS (
        SELECT 1 FROM steps_taken s
        WHERE s.book = o.book AND s.invoice_id = o.invoice_id AND s.step = o.step AND s.round = o.round));

-- name: strike_doubt
DELETE FROM messages WHERE book = ? AND id = ? AND status = 'in-doubt';

-- name: known_sent
UPDATE messages SET status = 'sent', accepted = addressees, reason = 'its note stands in the accounting system'
WHERE book = ? AND id = ? AND status = 'in-doubt';
