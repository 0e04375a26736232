-- How a book is doing: its runs, and what is owed to it or waits in it.

-- name: expects
UPDATE runs SET expected = ?, sent = coalesce(sent, 0) WHERE book = ? AND fence = ?;

-- name: stayed
UPDATE runs SET unsent = ? WHERE book = ? AND fence = ?;

-- A book that was restored has looked what may have left once a run that sends came to its end since.
-- name: book
SELECT b.name, b.timezone, b.complete, b.synced_at, b.live_on,
       CASE WHEN NOT EXISTS (SELECT 1 FROM runs r WHERE r.book = b.book AND r.command IN ('run', 'send')
                                AND r.outcome = 'done' AND r.started_at >= b.restored_at)
            THEN b.restored_from END
FROM books b WHERE b.book = ?;

-- A restore works on all books and is no run of any.
-- name: runs
SELECT run_id, command, started_at, ended_at, outcome, problem, trouble, expected, sent, unsent,
       notes_written, api_calls, bytes
FROM runs WHERE book = ? AND command <> 'restore' ORDER BY fence DESC LIMIT ?;

-- When it was synced to the end, each hour once, the newest first.
-- name: beats
SELECT min(started_at) FROM runs
WHERE book = ? AND outcome = 'done' AND command IN ('run', 'sync')
GROUP BY substr(started_at, 1, 13) ORDER BY 1 DESC LIMIT ?;

-- Since when no run has come to its end, of a book whose newest ones did not.
-- name: failing_since
SELECT min(started_at) FROM runs
WHERE book = :book AND command <> 'restore' AND outcome IN ('failed', 'cut short') AND fence > coalesce(
    (SELECT max(fence) FROM runs WHERE book = :book AND outcome NOT IN ('failed', 'cut short', '')), 0);

-- name: messages
SELECT status, count(*) FROM messages
WHERE book = ? AND status IN ('approved', 'sending', 'in-doubt', 'failed') GROUP BY status;

-- name: notes
SELECT status, count(*), min(owed_at) FROM notes
WHERE book = ? AND status IN ('owed', 'writing', 'failed') GROUP BY status;

-- name: rejects
SELECT count(*) FROM rejects WHERE book = ?;

-- name: unreconciled
SELECT count(DISTINCT customer_id) FROM differences WHERE book = ?;

-- name: alerts
SELECT book, what, since FROM alerts ORDER BY book, what;

-- name: alert_given
INSERT INTO alerts (book, what, since, told_at) VALUES (?, ?, ?, ?)
ON CONFLICT (book, what) DO UPDATE SET since = excluded.since, told_at = excluded.told_at;

-- name: alert_over
DELETE FROM alerts WHERE book = ? AND what = ?;
