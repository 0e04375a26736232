-- The outbox: planned -> approved -> sending -> sent | failed | in-doubt | withdrawn.
-- Each change names the states it may begin from; a row count of 0 tells that it did not.

-- A withdrawn message is revived; one in any other state stays as it is.
-- name: approve
INSERT INTO messages AS m (book, id, status, customer_id, customer_name, addressees, cc, bcc, step, template,
                           step_offset, policy, currency, total, unapplied, offer_basis_points, offer_days,
                           offer_until, message_id, approved_at)
VALUES (:book, :id, 'approved', :customer_id, :customer_name, :addressees, :cc, :bcc, :step, :template,
        :step_offset, :policy, :currency, :total, :unapplied, :offer_basis_points, :offer_days,
        :offer_until, :message_id, :at)
ON CONFLICT (book, id) DO UPDATE SET
    status = 'approved', customer_id = excluded.customer_id, customer_name = excluded.customer_name,
    addressees = excluded.addressees, cc = excluded.cc, bcc = excluded.bcc, accepted = '', refused = '',
    step = excluded.step, template = excluded.template, step_offset = excluded.step_offset,
    policy = excluded.policy, currency = excluded.currency, total = excluded.total,
    unapplied = excluded.unapplied, offer_basis_points = excluded.offer_basis_points,
    offer_days = excluded.offer_days, offer_until = excluded.offer_until, reason = '', subject = '', body = '', proof = '',
    approved_at = excluded.approved_at, ended_at = NULL, ended_on = NULL, fence = 0
WHERE m.status = 'withdrawn';

-- name: older_approvals
SELECT id FROM messages
WHERE book = :book AND customer_id = :customer_id AND currency = :currency AND status = 'approved' AND id <> :id;

-- name: replace
UPDATE messages SET customer_id = :customer_id, customer_name = :customer_name, addressees = :addressees,
                    cc = :cc, bcc = :bcc, step = :step, template = :template, step_offset = :step_offset,
                    currency = :currency, total = :total, unapplied = :unapplied,
                    offer_basis_points = :offer_basis_points, offer_days = :offer_days,
                    offer_until = :offer_until
WHERE book = :book AND id = :id AND status = 'approved';

-- name: drop_lines
DELETE FROM message_lines WHERE book = ? AND message = ?;

-- name: line
INSERT INTO message_lines (book, message, position, invoice_id, number, due_on, open, days_overdue, step,
                           step_offset, disputed, not_due, round)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: lapse
DELETE FROM messages WHERE book = ? AND id = ? AND status = 'approved';

-- name: withdraw
UPDATE messages SET status = 'withdrawn', reason = :reason, ended_at = :at, ended_on = :day
WHERE book = :book AND id = :id AND status = 'approved';

-- name: hand_over
UPDATE messages SET status = 'sending', fence = :fence, attempts = attempts + 1, subject = :subject,
                    body = :body, proof = :proof, ended_at = :at, ended_on = :day, reason = '',
                    accepted = '', refused = ''
WHERE book = :book AND id = :id AND status = 'approved';

-- name: sent
UPDATE messages SET status = 'sent', accepted = :accepted, refused = :refused, reason = '', ended_at = :at,
                    ended_on = :day
WHERE book = :book AND id = :id AND status = 'sending' AND fence = :fence;

-- name: back
UPDATE messages SET status = 'approved', reason = :reason, ended_at = NULL, ended_on = NULL, fence = 0
WHERE book = :book AND id = :id AND status = 'sending' AND fence = :fence;

-- name: failed
UPDATE messages SET status = 'failed', reason = :reason, refused = :refused, ended_at = :at, ended_on = :day
WHERE book = :book AND id = :id AND status = 'sending' AND fence = :fence;

-- What is in doubt stays on the day on which it was handed over.
-- name: in_doubt
UPDATE messages SET status = 'in-doubt', reason = :reason
WHERE book = :book AND id = :id AND status = 'sending' AND fence = :fence;

-- name: addressed
SELECT customer_id, addressees FROM messages WHERE book = ? AND id = ?;

-- name: state
SELECT status, customer_id FROM messages WHERE book = ? AND id = ?;

-- name: offers
SELECT 1 FROM messages WHERE book = ? AND id = ? AND offer_basis_points IS NOT NULL;

-- name: resolved_sent
UPDATE messages SET status = 'sent', accepted = addressees, reason = 'resolved as sent'
WHERE book = ? AND id = ?;

-- name: resolved_not_sent
UPDATE messages SET status = 'approved', reason = '', refused = '', ended_at = NULL, ended_on = NULL, fence = 0
WHERE book = ? AND id = ?;

-- name: resolved_drop
UPDATE messages SET status = 'withdrawn', reason = 'dropped', ended_at = :at, ended_on = :day
WHERE book = :book AND id = :id;

-- A step is taken once in a round, whoever takes it.
-- name: take_steps
INSERT INTO steps_taken (book, invoice_id, step, round, step_offset, on_day, how, source)
SELECT l.book, l.invoice_id, l.step, l.round, l.step_offset, coalesce(m.ended_on, :day), :how, m.id
FROM message_lines l
JOIN messages m ON m.book = l.book AND m.id = l.message
WHERE l.book = :book AND l.message = :id AND l.step IS NOT NULL
ON CONFLICT (book, invoice_id, step, round) DO NOTHING;

-- name: take_step
INSERT INTO steps_taken (book, invoice_id, step, round, step_offset, on_day, how, source)
VALUES (?, ?, ?, ?, ?, ?, 'task', ?)
ON CONFLICT (book, invoice_id, step, round) DO NOTHING;

-- name: open_task
INSERT INTO open_tasks (book, invoice_id, step, round, opened_on) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (book, invoice_id, step, round) DO NOTHING;

-- name: close_task
DELETE FROM open_tasks WHERE book = ? AND invoice_id = ? AND step = ? AND round = ?;

-- What a run has sent counts at once: it may not come to its end.
-- name: count_sent
UPDATE runs SET sent = coalesce(sent, 0) + 1 WHERE book = ? AND fence = ?;
