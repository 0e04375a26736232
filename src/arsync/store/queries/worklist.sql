-- What waits for a person, over one book.

-- Holds in force with what is open on them: of the invoice, or of all of the customer's.
-- name: holds
SELECT h.target, h.target_id, h.reason, h.until, h.note, h.owner, h.amount, h.currency, h.grace, h.put_on,
       coalesce(i.number, c.name, h.target_id), coalesce(i.customer_id, h.target_id),
       coalesce(c.name, ic.name, h.target_id)
FROM holds h
LEFT JOIN invoices i ON h.target = 'invoice' AND i.book = h.book AND i.id = h.target_id
LEFT JOIN customers ic ON ic.book = h.book AND ic.id = i.customer_id
LEFT JOIN customers c ON h.target = 'customer' AND c.book = h.book AND c.id = h.target_id
WHERE h.book = :book
ORDER BY h.put_on, h.target, h.target_id, h.reason;

-- name: open_of_invoice
SELECT currency, open FROM invoices WHERE book = ? AND id = ? AND open > 0;

-- name: open_of_customer
SELECT currency, sum(open) FROM invoices WHERE book = ? AND customer_id = ? AND open > 0 GROUP BY currency;

-- name: last_taken
SELECT how FROM steps_taken WHERE book = ? AND invoice_id = ? ORDER BY round DESC, step_offset DESC LIMIT 1;

-- name: overdue
SELECT currency, sum(open) FROM invoices WHERE book = :book AND open > 0 AND due_on < :today GROUP BY currency;

-- Copies that were turned down while others were accepted: an address to be mended.
-- name: refused
SELECT m.id, m.customer_id, m.customer_name, m.refused, m.currency, m.total - m.unapplied, m.ended_on
FROM messages m
WHERE m.book = :book AND m.status = 'sent' AND m.refused <> '' AND m.ended_on >= :since
ORDER BY m.ended_on, m.id;

-- name: failed_notes
SELECT count(*), min(substr(owed_at, 1, 10)) FROM notes WHERE book = ? AND status = 'failed';

-- name: rejects
SELECT count(*), min(substr(seen_at, 1, 10)) FROM rejects WHERE book = ?;

-- The newest rate of each currency that an open invoice has one of.
-- name: rates
SELECT currency, rate FROM invoices
WHERE book = :book AND open > 0 AND rate <> ''
GROUP BY currency
HAVING changed_on = max(changed_on);

-- Settlements that wait for approval, and agreements that were kept with something conceded.
-- name: agreements
SELECT a.id, a.kind, a.state, a.customer_id, coalesce(c.name, a.customer_id), a.currency, a.amount, a.until,
       a.conceded, a.agreed_on, coalesce(a.ended_on, a.agreed_on), a.owner,
       (SELECT coalesce(sum(i.open), 0) FROM agreement_lines l
        JOIN invoices i ON i.book = l.book AND i.id = l.invoice_id
        WHERE l.book = a.book AND l.agreement = a.id)
FROM agreements a LEFT JOIN customers c ON c.book = a.book AND c.id = a.customer_id
WHERE a.book = :book AND (a.state = 'proposed' OR (a.state = 'kept' AND a.kind <> 'instalments'))
ORDER BY a.agreed_on, a.id;
