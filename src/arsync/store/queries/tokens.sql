-- The tokens of a book. Their texts are encrypted.

-- name: load
SELECT access, refresh, previous_refresh, expires_at, refresh_expires_at, consented_at, renewed_at,
    consent_ends_at, proven
FROM tokens WHERE book = ?;

-- name: save
INSERT INTO tokens (book, access, refresh, previous_refresh, expires_at, refresh_expires_at, consented_at,
    renewed_at, consent_ends_at, proven)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (book) DO UPDATE SET
    access = excluded.access, refresh = excluded.refresh, previous_refresh = excluded.previous_refresh,
    expires_at = excluded.expires_at, refresh_expires_at = excluded.refresh_expires_at,
    consented_at = excluded.consented_at, renewed_at = excluded.renewed_at,
    consent_ends_at = excluded.consent_ends_at, proven = excluded.proven;

-- name: prove
UPDATE tokens SET proven = 1, previous_refresh = NULL WHERE book = ? AND access = ?;

-- name: forget
DELETE FROM tokens WHERE book = ?;

-- name: consent
SELECT refresh_expires_at, consent_ends_at FROM tokens WHERE book = ?;

-- name: texts
SELECT book, access, refresh, previous_refresh FROM tokens;

-- name: reseal
UPDATE tokens SET access = ?, refresh = ?, previous_refresh = ? WHERE book = ?;

-- name: swept
UPDATE tokens SET access = replace(access, 'sealing:', 'sealed:'),
    refresh = replace(refresh, 'sealing:', 'sealed:'),
    previous_refresh = replace(previous_refresh, 'sealing:', 'sealed:');
