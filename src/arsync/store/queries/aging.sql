-- The aged receivables: ledger/aging.py says what they are. The debts are read from the index
-- invoices_open alone, in its order. :as_of and :day_30, :day_60, :day_90, that many days before it.

-- What is owed in all, and of that what is overdue by more than 0, 30, 60 and 90 days: the buckets are
-- the differences. Credits are put beside it, and those of customers who owe nothing behind.
-- name: by_customer
SELECT d.customer_id, coalesce(c.name, d.customer_id), d.currency, d.owed, d.over_0, d.over_30, d.over_60,
       d.over_90, coalesce(k.remaining, 0)
FROM (
    SELECT customer_id, currency, sum(open) AS owed,
           coalesce(sum(open) FILTER (WHERE due_on < :as_of), 0) AS over_0,
           coalesce(sum(open) FILTER (WHERE due_on < :day_30), 0) AS over_30,
           coalesce(sum(open) FILTER (WHERE due_on < :day_60), 0) AS over_60,
           coalesce(sum(open) FILTER (WHERE due_on < :day_90), 0) AS over_90
    FROM invoices
    WHERE book = :book AND open > 0
    GROUP BY customer_id, currency
) d
LEFT JOIN customers c ON c.book = :book AND c.id = d.customer_id
LEFT JOIN (
    SELECT customer_id, currency, sum(remaining) AS remaining
    FROM credits
    WHERE book = :book AND remaining <> 0
    GROUP BY customer_id, currency
) k ON k.customer_id = d.customer_id AND k.currency = d.currency
UNION ALL
SELECT k.customer_id, coalesce(c.name, k.customer_id), k.currency, 0, 0, 0, 0, 0, sum(k.remaining)
FROM credits k
LEFT JOIN customers c ON c.book = :book AND c.id = k.customer_id
WHERE k.book = :book AND k.remaining <> 0
  AND NOT EXISTS (SELECT 1 FROM invoices
                  WHERE book = :book AND customer_id = k.customer_id AND currency = k.currency AND open > 0)
GROUP BY k.customer_id, c.name, k.currency
ORDER BY 3, 2, 1;

-- name: by_book
SELECT b.currency, sum(b.b0), sum(b.b1), sum(b.b2), sum(b.b3), sum(b.b4), sum(b.unapplied)
FROM (
    SELECT currency,
           sum(CASE WHEN due_on IS NULL OR due_on >= :as_of THEN open ELSE 0 END) AS b0,
           sum(CASE WHEN due_on < :as_of AND due_on >= :day_30 THEN open ELSE 0 END) AS b1,
           sum(CASE WHEN due_on < :day_30 AND due_on >= :day_60 THEN open ELSE 0 END) AS b2,
           sum(CASE WHEN due_on < :day_60 AND due_on >= :day_90 THEN open ELSE 0 END) AS b3,
           sum(CASE WHEN due_on < :day_90 THEN open ELSE 0 END) AS b4,
           0 AS unapplied
    FROM invoices
    WHERE book = :book AND open > 0
    GROUP BY currency
    UNION ALL
    SELECT currency, 0, 0, 0, 0, 0, sum(remaining)
    FROM credits
    WHERE book = :book AND remaining <> 0
    GROUP BY currency
) b
GROUP BY b.currency
ORDER BY b.currency;

-- name: by_invoice
SELECT i.customer_id, coalesce(c.name, i.customer_id), i.id, i.number, i.currency, i.issued_on, i.due_on,
       i.total, i.open
FROM invoices i
LEFT JOIN customers c ON c.book = i.book AND c.id = i.customer_id
WHERE i.book = :book AND i.open > 0
ORDER BY i.currency, 2, i.customer_id, i.due_on, i.number, i.id;
