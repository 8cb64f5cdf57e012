-- The journal's statements. Tables and their meanings: store/sql/schema.sql.

-- name: find_run
SELECT key FROM runs WHERE run = :run

-- name: newest_key
SELECT max(coalesce((SELECT max(key) FROM runs), 0), coalesce((SELECT max(key) FROM condemned), 0))

-- name: last_event
SELECT id, seal FROM events WHERE id BETWEEN :first AND :last ORDER BY id DESC LIMIT 1

-- name: add_events
INSERT INTO events (id, seal, body) VALUES (?, ?, ?)

-- name: put_runs
INSERT INTO runs (key, run, namespace, name, phase, created_ns, started_ns, finished_ns, labels, body, seal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET
    namespace = excluded.namespace, name = excluded.name, phase = excluded.phase, created_ns = excluded.created_ns,
    started_ns = excluded.started_ns, finished_ns = excluded.finished_ns, labels = excluded.labels,
    body = excluded.body, seal = excluded.seal

-- name: event_seal
SELECT seal FROM events WHERE id = :id

-- name: put_snapshot
INSERT INTO snapshots (key, number, version, row_seal, body, seal) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET
    number = excluded.number, version = excluded.version, row_seal = excluded.row_seal, body = excluded.body,
    seal = excluded.seal

-- name: read_snapshot
SELECT number, version, row_seal, body, seal FROM snapshots WHERE key = :key

-- name: read_events
SELECT id, seal, body FROM events WHERE id > :after_id AND id <= :last ORDER BY id LIMIT :limit

-- name: count_runs
SELECT count(*) FROM runs

-- name: read_run
SELECT key, run, namespace, name, phase, created_ns, started_ns, finished_ns, labels, body, seal
FROM runs WHERE run = :run

-- name: list_runs
SELECT key, run, namespace, name, phase, created_ns, started_ns, finished_ns, labels, body, seal
FROM runs WHERE (created_ns, key) > (:after_created_ns, :after_key) ORDER BY created_ns, key LIMIT :limit

-- name: list_unfinished_runs
SELECT key, run, namespace, name, phase, created_ns, started_ns, finished_ns, labels, body, seal
FROM runs WHERE finished_ns = 0 AND (created_ns, key) > (:after_created_ns, :after_key)
ORDER BY created_ns, key LIMIT :limit

-- name: cut_events
DELETE FROM events WHERE id BETWEEN :first AND :last

-- name: mend_seal
UPDATE events SET seal = :seal WHERE id = :id AND seal <> :seal

-- name: cut_snapshot
DELETE FROM snapshots WHERE key = :key AND number > :number

-- name: delete_run
DELETE FROM runs WHERE key = :key

-- name: delete_snapshot
DELETE FROM snapshots WHERE key = :key

-- name: condemn
INSERT INTO condemned (key) VALUES (:key)

-- name: condemned
SELECT key FROM condemned ORDER BY key

-- name: clear_events
DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id BETWEEN :first AND :last ORDER BY id DESC LIMIT :most)

-- name: cleared
DELETE FROM condemned WHERE key = :key
