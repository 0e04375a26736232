-- What could not be understood, for people and programs.

-- name: kept
SELECT entity, id, reason, raw, seen_at FROM rejects WHERE book = ? ORDER BY seen_at, entity, id;
