-- The tokens of a book.

-- name: load
SELECT access, refresh, previous_refresh, expires_at, refresh_expires_at FROM tokens WHERE book = ?;

-- name: save
INSERT INTO tokens (book, access, refresh, previous_refresh, expires_at, refresh_expires_at)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (book) DO UPDATE SET
    access = excluded.access, refresh = excluded.refresh, previous_refresh = excluded.previous_refresh,
    expires_at = excluded.expires_at, refresh_expires_at = excluded.refresh_expires_at;
