-- Who bears a number, a name, an address or an id, over all books of the practice. Behind the first of the
-- statements for each comes a condition on what it begins with; texts are in small letters of ASCII.

-- name: numbers
SELECT DISTINCT lower(number), number, book, customer_id FROM invoices;

-- name: credit_note_numbers
SELECT lower(number), number, book, customer_id
FROM (SELECT number, book, customer_id FROM credits WHERE kind = 'credit-note');

-- name: names
SELECT lower(name), name, book, id FROM customers;

-- name: companies
SELECT book, name FROM books WHERE name IS NOT NULL AND name <> '';

-- Customers with several addresses; the condition is that of the index customers_addresses.
-- name: several_addresses
SELECT lower(emails), lower(cc), book, id FROM customers WHERE emails LIKE '%
%' OR cc <> '';

-- name: single_addresses
SELECT lower(emails), book, id FROM customers;

-- name: customer_ids
SELECT c.id, b.book, c.id FROM books b CROSS JOIN customers c ON c.book = b.book;

-- name: invoice_ids
SELECT i.id, b.book, i.customer_id FROM books b CROSS JOIN invoices i ON i.book = b.book;

-- name: credit_note_ids
SELECT n.id, b.book, n.customer_id
FROM books b CROSS JOIN credits n ON n.book = b.book AND n.kind = 'credit-note';

-- name: record
SELECT name, emails, cc, parent_id FROM customers WHERE book = ? AND id = ?;

-- name: invoice_addresses
SELECT emails, cc, bcc FROM invoices WHERE book = ? AND customer_id = ? AND open > 0;

-- name: message_ids
SELECT id, message_id FROM messages WHERE book = ? AND customer_id = ?;
