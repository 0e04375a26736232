-- Agreements, and what is owed of them now.

-- name: count
SELECT count(*) FROM agreements WHERE book = ?;

-- name: put
INSERT INTO agreements (book, id, kind, customer_id, currency, state, agreed_on, grace, broken_after, amount,
                        until, note, owner, first_round, put_at)
VALUES (:book, :id, :kind, :customer_id, :currency, :state, :agreed_on, :grace, :broken_after, :amount,
        :until, :note, :owner, :first_round, :put_at);

-- The first round that no plan which an invoice was under, whatever became of it, has used. Of a book that was
-- rebuilt the plans are lost, and their steps are known.
-- name: free_round
SELECT coalesce(max(free), 2)
FROM (SELECT a.first_round + (SELECT count(*) FROM instalments i
                              WHERE i.book = a.book AND i.agreement = a.id) AS free
      FROM agreement_lines l
      JOIN agreements a ON a.book = l.book AND a.id = l.agreement
      WHERE l.book = :book AND l.invoice_id = :invoice AND a.kind = 'instalments'
      UNION ALL
      SELECT s.round + 1 FROM steps_taken s
      WHERE s.book = :book AND s.invoice_id = :invoice AND s.round > 1) AS used;

-- name: put_line
INSERT INTO agreement_lines (book, agreement, position, invoice_id, open) VALUES (?, ?, ?, ?, ?);

-- name: put_instalment
INSERT INTO instalments (book, agreement, position, due_on, amount) VALUES (?, ?, ?, ?, ?);

-- When a message was handed over.
-- name: handed_over
SELECT coalesce(ended_at, approved_at) FROM messages WHERE book = ? AND id = ?;

-- What an invoice is under: a settlement that was kept is, until the rest is written off.
-- name: of_invoice
SELECT a.id, a.kind
FROM agreement_lines l
JOIN agreements a ON a.book = l.book AND a.id = l.agreement
WHERE l.book = ? AND l.invoice_id = ?
  AND (a.state = 'agreed' OR (a.state = 'kept' AND a.kind = 'settlement'))
ORDER BY a.id;

-- name: approve
UPDATE agreements SET state = 'agreed', agreed_on = :day, approved_by = :owner
WHERE book = :book AND id = :id AND state = 'proposed';

-- name: end
UPDATE agreements SET state = :state, ended_on = :day, conceded = :conceded
WHERE book = :book AND id = :id AND state IN ('proposed', 'agreed');

-- A settlement or discount that was kept goes on to hold what is left of its invoices: of a settlement also
-- where all of that was in dispute when it was kept, for a dispute may end.
-- name: in_force
SELECT id, kind, customer_id, currency, agreed_on, grace, broken_after, amount, until, note, owner, first_round
FROM agreements a
WHERE book = :book
  AND (state = 'agreed'
       OR (state = 'kept' AND (kind = 'settlement' OR (kind = 'discount' AND conceded > 0))
           AND EXISTS (SELECT 1 FROM agreement_lines l
                       JOIN invoices i ON i.book = l.book AND i.id = l.invoice_id
                       WHERE l.book = a.book AND l.agreement = a.id AND i.open > 0)))
ORDER BY id;

-- The same for one customer, whose own it is or whose an invoice of it is now.
-- name: in_force_of_customer
SELECT id, kind, customer_id, currency, agreed_on, grace, broken_after, amount, until, note, owner, first_round
FROM agreements a
WHERE a.book = :book
  AND (a.state = 'agreed' OR (a.state = 'kept' AND (a.kind = 'settlement' OR (a.kind = 'discount' AND a.conceded > 0))))
  AND a.id IN (SELECT b.id FROM agreements b WHERE b.book = :book AND b.customer_id = :customer
               UNION
               SELECT l.agreement
               FROM invoices i
               JOIN agreement_lines l ON l.book = i.book AND l.invoice_id = i.id
               WHERE i.book = :book AND i.customer_id = :customer AND i.open > 0)
ORDER BY a.id;

-- At the end of a past day. What was only proposed by now was agreed on none.
-- name: in_force_on
SELECT id, kind, customer_id, currency, agreed_on, grace, broken_after, amount, until, note, owner, first_round
FROM agreements
WHERE book = :book AND state <> 'proposed' AND (kind = 'instalments' OR kind = 'discount' OR approved_by <> '')
  AND agreed_on <= :day
  AND (ended_on IS NULL OR ended_on > :day OR (state = 'kept' AND kind <> 'instalments'))
ORDER BY id;

-- name: all
SELECT a.id, a.kind, a.customer_id, a.currency, a.agreed_on, a.grace, a.broken_after, a.amount, a.until,
       a.note, a.owner, a.first_round, a.state, a.conceded, a.approved_by, a.ended_on, coalesce(c.name, a.customer_id)
FROM agreements a
LEFT JOIN customers c ON c.book = a.book AND c.id = a.customer_id
WHERE a.book = :book
ORDER BY a.agreed_on, a.put_at, a.id;

-- name: waiting
SELECT a.id, a.kind, a.customer_id, a.currency, a.agreed_on, a.grace, a.broken_after, a.amount, a.until,
       a.note, a.owner, a.first_round, a.state, a.conceded, a.approved_by, a.ended_on, coalesce(c.name, a.customer_id)
FROM agreements a
LEFT JOIN customers c ON c.book = a.book AND c.id = a.customer_id
WHERE a.book = :book AND a.state IN ('proposed', 'agreed')
ORDER BY a.agreed_on, a.put_at, a.id;

-- name: one
SELECT a.id, a.kind, a.customer_id, a.currency, a.agreed_on, a.grace, a.broken_after, a.amount, a.until,
       a.note, a.owner, a.first_round, a.state, a.conceded, a.approved_by, a.ended_on, coalesce(c.name, a.customer_id)
FROM agreements a
LEFT JOIN customers c ON c.book = a.book AND c.id = a.customer_id
WHERE a.book = :book AND a.id = :id;

-- name: lines
SELECT invoice_id, open FROM agreement_lines WHERE book = ? AND agreement = ? ORDER BY position;

-- name: instalments
SELECT due_on, amount FROM instalments WHERE book = ? AND agreement = ? ORDER BY position;

-- What is owed now on the invoices of an agreement, and what of it is in dispute.
-- name: owed
SELECT l.invoice_id, coalesce(nullif(i.number, ''), l.invoice_id), coalesce(i.open, 0),
       i.customer_id, CASE WHEN h.target_id IS NULL THEN 0 ELSE coalesce(h.amount, i.open) END
FROM agreement_lines l
LEFT JOIN invoices i ON i.book = l.book AND i.id = l.invoice_id
LEFT JOIN holds h ON h.book = l.book AND h.target = 'invoice' AND h.target_id = l.invoice_id
    AND h.reason = 'disputed' AND (h.until IS NULL OR h.until >= :day)
WHERE l.book = :book AND l.agreement = :id
ORDER BY l.position;

-- What was conceded to customers before, by what they kept.
-- name: conceded
SELECT customer_id, currency, kind, count(*), sum(conceded)
FROM agreements
WHERE book = :book AND state = 'kept' AND conceded > 0
GROUP BY customer_id, currency, kind
ORDER BY customer_id, currency, kind;

-- Promises with what was open then and is now.
-- name: promises
SELECT h.target, h.target_id, coalesce(nullif(i.number, ''), c.name, h.target_id),
       CASE WHEN h.target = 'invoice' THEN i.customer_id ELSE h.target_id END,
       h.reason, h.until, h.note, h.owner, h.amount, h.currency, h.grace, h.put_on
FROM holds h
LEFT JOIN invoices i ON h.target = 'invoice' AND i.book = h.book AND i.id = h.target_id
LEFT JOIN customers c ON h.target = 'customer' AND c.book = h.book AND c.id = h.target_id
WHERE h.book = ? AND h.reason = 'promised'
ORDER BY h.target, h.target_id;

-- name: promise_lines
SELECT l.target, l.target_id, l.invoice_id, l.open, coalesce(i.open, 0)
FROM hold_lines l
LEFT JOIN invoices i ON i.book = l.book AND i.id = l.invoice_id
WHERE l.book = ? AND l.reason = 'promised'
ORDER BY l.target, l.target_id, l.invoice_id;

-- name: credits
SELECT customer_id, currency, sum(remaining)
FROM credits
WHERE book = ? AND remaining <> 0
GROUP BY customer_id, currency;
