-- Customers that are billed to a parent which is in the book. The index customers_billed holds none but
-- these; a range of parent_id leads SQLite to it whatever its statistics say, and with none.

-- name: billed
SELECT c.id, c.parent_id
FROM customers c
WHERE c.book = :book AND c.bills_parent = 1 AND c.parent_id > ''
  AND EXISTS (SELECT 1 FROM customers p WHERE p.book = c.book AND p.id = c.parent_id);

-- name: parent
SELECT c.parent_id
FROM customers c
JOIN customers p ON p.book = c.book AND p.id = c.parent_id
WHERE c.book = ? AND c.id = ? AND c.bills_parent = 1;

-- name: name
SELECT name FROM customers WHERE book = ? AND id = ?;

-- name: children
SELECT c.id
FROM customers c
WHERE c.book = :book AND c.parent_id >= :parent AND c.parent_id <= :parent AND c.bills_parent = 1
  AND EXISTS (SELECT 1 FROM customers p WHERE p.book = c.book AND p.id = c.parent_id);
