-- Messages out of the outbox. A condition on m is put behind each of the first two, and their order.
-- CROSS JOIN, so that SQLite begins with the messages that are wanted and not with all lines.

-- name: messages
SELECT m.id, m.customer_id, m.customer_name, m.addressees, m.cc, m.step, m.template, m.step_offset,
       m.currency, m.total, m.unapplied, m.status, m.reason,
       m.policy, m.message_id, m.accepted, m.refused, m.subject, m.body, m.proof,
       m.approved_at, m.ended_at, m.ended_on, m.fence, m.attempts, m.bcc, m.offer_basis_points, m.offer_days,
       m.offer_until
FROM messages m
WHERE m.book = ?

-- name: lines
SELECT l.message, l.invoice_id, l.number, l.due_on, l.open, l.days_overdue, l.step, l.step_offset, l.disputed,
       l.not_due, l.round
FROM messages m
CROSS JOIN message_lines l ON l.book = m.book AND l.message = m.id
WHERE m.book = ?

-- name: thread
SELECT message_id FROM messages
WHERE book = ? AND customer_id = ? AND policy = ? AND status = 'sent'
ORDER BY ended_at, id;

-- Messages that may have reached the customer, whatever they were about.
-- name: written_to
SELECT count(*) FROM messages
WHERE book = :book AND customer_id = :customer AND id <> :but AND status IN ('sent', 'sending', 'in-doubt');
