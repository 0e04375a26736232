-- What the records of a book show to be wrong with its policy.

-- Holds that a person meant to end, on what is still owed.
-- name: endless
SELECT h.target, h.target_id, h.reason, h.put_on, coalesce(i.number, c.name, h.target_id)
FROM holds h
LEFT JOIN invoices i ON h.target = 'invoice' AND i.book = h.book AND i.id = h.target_id
LEFT JOIN customers c ON h.target = 'customer' AND c.book = h.book AND c.id = h.target_id
WHERE h.book = ? AND h.until IS NULL AND h.reason IN ('paused', 'promised', 'hardship')
  AND (h.target = 'customer' OR i.open > 0)
ORDER BY h.put_on, h.target, h.target_id;

-- Customers that owe something and have an address nowhere: not on their record, nor on an open invoice.
-- name: without_address
SELECT c.id, c.name
FROM customers c
WHERE c.book = :book AND c.emails = '' AND c.parent_id IS NULL
  AND EXISTS (SELECT 1 FROM invoices i WHERE i.book = c.book AND i.customer_id = c.id AND i.open > 0)
  AND NOT EXISTS (SELECT 1 FROM invoices i
                  WHERE i.book = c.book AND i.customer_id = c.id AND i.open > 0 AND i.emails <> '')
ORDER BY c.name, c.id;

-- name: synced
SELECT count(*) FROM books WHERE book = ? AND full_at IS NOT NULL;

-- name: customers
SELECT id, name FROM customers WHERE book = ?;

-- name: invoices
SELECT id, number FROM invoices WHERE book = ?;
