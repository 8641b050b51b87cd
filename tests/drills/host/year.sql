-- A year of a host in a minute: the newest completed flow run of Prefect, with its states, logs and events,
-- copied :runs times back over twelve months.
\set ON_ERROR_STOP on
SET session_replication_role = replica; -- runs and states point to each other
CREATE TEMP TABLE twin AS
    SELECT n, gen_random_uuid() AS run, make_interval(secs => n * 31536000.0 / :runs) AS ago
    FROM generate_series(1, :runs) AS n;
CREATE TEMP TABLE source AS
    SELECT id FROM flow_run WHERE state_type = 'COMPLETED' ORDER BY created DESC LIMIT 1;
CREATE FUNCTION pg_temp.copied(name text, kind text, owner text, of text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN name = owner THEN 'twin.run'
        WHEN name = 'id' THEN 'gen_random_uuid()'
        WHEN name = 'idempotency_key' THEN 'NULL'
        WHEN name = 'name' AND of = 'flow_run' THEN 'original.name || twin.n'
        WHEN name = 'resource_id' THEN 'replace(original.resource_id, source.id::text, twin.run::text)'
        WHEN kind LIKE 'timestamp%' THEN format('original.%I - twin.ago', name)
        ELSE format('original.%I', name) END
$$;
CREATE FUNCTION pg_temp.multiply(of text, owner text, matches text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE columns text; made text;
BEGIN
    SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position),
           string_agg(pg_temp.copied(column_name, data_type, owner, of), ', ' ORDER BY ordinal_position)
    INTO columns, made FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = of AND is_generated = 'NEVER';
    EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %I AS original, source, twin WHERE %s',
                   of, columns, made, of, matches);
END $$;
SELECT pg_temp.multiply('flow_run', 'id', 'original.id = source.id');
SELECT pg_temp.multiply('flow_run_state', 'flow_run_id', 'original.flow_run_id = source.id');
SELECT pg_temp.multiply('log', 'flow_run_id', 'original.flow_run_id = source.id');
SELECT pg_temp.multiply('event_resources', '', 'original.resource_id = ''prefect.flow-run.'' || source.id');
SELECT pg_temp.multiply('events', '', 'original.resource_id = ''prefect.flow-run.'' || source.id');
ANALYZE;
