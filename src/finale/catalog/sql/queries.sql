-- The catalog's statements. Tables and their meanings: store/sql/schema.sql.

-- name: get_object
SELECT kind, namespace, name, uid, version, created_ns, body, seal
FROM objects WHERE kind = :kind AND namespace = :namespace AND name = :name

-- name: find_objects
SELECT namespace, name, kind, uid, version, created_ns, body, seal FROM objects
WHERE kind = :kind AND (namespace, name) > (:after_namespace, :after_name)
ORDER BY namespace, name LIMIT :limit

-- name: find_objects_of_namespace
SELECT namespace, name, kind, uid, version, created_ns, body, seal FROM objects
WHERE kind = :kind AND namespace = :namespace AND name > :after_name
ORDER BY name LIMIT :limit

-- name: put_object
INSERT INTO objects (kind, namespace, name, uid, version, created_ns, body, seal)
VALUES (:kind, :namespace, :name, :uid, :version, :created_ns, :body, :seal)
ON CONFLICT (kind, namespace, name) DO UPDATE SET
    uid = excluded.uid, version = excluded.version, created_ns = excluded.created_ns, body = excluded.body,
    seal = excluded.seal

-- name: delete_object
DELETE FROM objects WHERE kind = :kind AND namespace = :namespace AND name = :name

-- name: object_version
SELECT value FROM counters WHERE name = 'objects'

-- name: set_object_version
INSERT INTO counters (name, value) VALUES ('objects', :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value
