-- Messages out of the outbox. A condition on m is put behind each of the first two, and their order.

-- name: messages
SELECT m.id, m.customer_id, m.customer_name, m.addressees, m.cc, m.step, m.template, m.step_offset,
       m.currency, m.total, m.unapplied, m.status, m.reason,
       m.policy, m.message_id, m.accepted, m.refused, m.subject, m.body, m.proof,
       m.approved_at, m.ended_at, m.ended_on, m.fence, m.attempts, m.bcc
FROM messages m
WHERE m.book = ?

-- name: lines
SELECT l.message, l.invoice_id, l.number, l.due_on, l.open, l.days_overdue, l.step, l.step_offset
FROM message_lines l
JOIN messages m ON m.book = l.book AND m.id = l.message
WHERE m.book = ?

-- name: thread
SELECT message_id FROM messages
WHERE book = ? AND customer_id = ? AND policy = ? AND status = 'sent'
ORDER BY ended_at, id;
