import { createCoordinationTables } from './coordination/coordination-tables.js';

/** One step from a version of the tables to the next. */
export type Migration = (schema: string) => string;

/**
 * All steps, the first from nothing to version 1. A step that was released never changes: what comes later is appended.
 *
 * Names and keys are `bytea`: they may hold NUL, which no text of PostgreSQL can, and their order is that of code points in
 * every locale. Values are the JSON text itself: `jsonb` would refuse `\u0000`, reorder and drop.
 */
export const migrations: readonly Migration[] = [
  (schema) => `
    CREATE TABLE ${schema}.task (
      task bytea PRIMARY KEY,
      owner bytea NOT NULL DEFAULT '',
      -- 0: it was sent a message and never opened.
      epoch bigint NOT NULL DEFAULT 0,
      -- Every message that it was ever sent: their keys are never used again.
      messages bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50);

    CREATE TABLE ${schema}.entry (
      task bytea NOT NULL,
      key bytea NOT NULL,
      value text NOT NULL,
      PRIMARY KEY (task, key)
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

    -- Applies batches, each to a task of its own, and returns those that it refused. Every statement in here sees what was
    -- committed before it: so what is looked at after a row was locked is the state that nobody else can change. Plans are kept, and
    -- made while the tables may be small: whatever they will hold, everything is found by its key.
    CREATE FUNCTION ${schema}.write_batches(
      tasks bytea[], owners bytea[], epochs bigint[],
      absent_places integer[], absent_keys bytea[],
      change_places integer[], change_keys bytea[], change_values text[]
    ) RETURNS TABLE (place integer, refusal text, detail text) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
    #variable_conflict use_column
    DECLARE
      held integer[];
      existing integer[];
    BEGIN
      -- One alone waits for whoever has its row locked. Of several none may keep the others waiting.
      IF cardinality(tasks) = 1 THEN
        PERFORM 1 FROM ${schema}.task AS known
          WHERE known.task = tasks[1] AND known.owner = owners[1] AND known.epoch = epochs[1] FOR UPDATE;
        held := CASE WHEN FOUND THEN '{1}' ELSE '{}' END;
      ELSE
        held := ARRAY(
          SELECT batch.place::integer
          FROM unnest(tasks, owners, epochs) WITH ORDINALITY AS batch (task, owner, epoch, place)
          JOIN ${schema}.task AS known
            ON known.task = batch.task AND known.owner = batch.owner AND known.epoch = batch.epoch
          FOR UPDATE OF known SKIP LOCKED
        );
      END IF;

      IF cardinality(held) < cardinality(tasks) THEN
        RETURN QUERY
          SELECT batch.place::integer,
            CASE WHEN known.owner = batch.owner AND known.epoch = batch.epoch THEN 'locked' ELSE 'fenced' END,
            known.epoch::text
          FROM unnest(tasks, owners, epochs) WITH ORDINALITY AS batch (task, owner, epoch, place)
          LEFT JOIN ${schema}.task AS known ON known.task = batch.task
          WHERE batch.place <> ALL (held);
      END IF;

      IF cardinality(absent_places) > 0 THEN
        existing := ARRAY(
          SELECT absent.place FROM unnest(absent_places, absent_keys) AS absent (place, key)
          JOIN ${schema}.entry AS found ON found.task = tasks[absent.place] AND found.key = absent.key
          WHERE absent.place = ANY (held)
        );
        IF cardinality(existing) > 0 THEN
          RETURN QUERY
            SELECT DISTINCT ON (absent.place) absent.place, 'exists', encode(absent.key, 'hex')
            FROM unnest(absent_places, absent_keys) AS absent (place, key)
            JOIN ${schema}.entry AS found ON found.task = tasks[absent.place] AND found.key = absent.key
            WHERE absent.place = ANY (existing);
          held := ARRAY(SELECT place FROM unnest(held) AS still (place) WHERE place <> ALL (existing));
        END IF;
      END IF;

      IF cardinality(held) = 0 OR cardinality(change_places) = 0 THEN
        RETURN;
      END IF;
      INSERT INTO ${schema}.entry AS stored (task, key, value)
        SELECT tasks[change.place], change.key, change.value
        FROM unnest(change_places, change_keys, change_values) AS change (place, key, value)
        WHERE change.value IS NOT NULL AND change.place = ANY (held)
        ON CONFLICT (task, key) DO UPDATE SET value = excluded.value;
      IF array_position(change_values, NULL) IS NOT NULL THEN
        DELETE FROM ${schema}.entry AS stored
          USING unnest(change_places, change_keys, change_values) AS change (place, key, value)
          WHERE change.value IS NULL AND change.place = ANY (held)
            AND stored.task = tasks[change.place] AND stored.key = change.key;
      END IF;
    END
    $function$;

    -- The same for one batch, as a part of the caller's own transaction. Being refused is an error in here: a transaction that
    -- goes on all the same cannot be committed.
    CREATE FUNCTION ${schema}.write_within(
      task bytea, owner bytea, epoch bigint, absent_keys bytea[], change_keys bytea[], change_values text[]
    ) RETURNS void LANGUAGE plpgsql AS $function$
    DECLARE
      refused record;
    BEGIN
      -- For this transaction alone: what it commits is durable, and whoever stands still in it lets go of the task's row.
      IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
      END IF;
      IF current_setting('idle_in_transaction_session_timeout') = '0' THEN
        PERFORM set_config('idle_in_transaction_session_timeout', '10s', true);
      END IF;
      SELECT * INTO refused FROM ${schema}.write_batches(
        ARRAY[task], ARRAY[owner], ARRAY[epoch],
        array_fill(1, ARRAY[cardinality(absent_keys)]), absent_keys,
        array_fill(1, ARRAY[cardinality(change_keys)]), change_keys, change_values
      );
      IF FOUND THEN
        RAISE EXCEPTION 'aftercommit refused a batch: %', refused.refusal
          USING ERRCODE = CASE refused.refusal WHEN 'fenced' THEN 'AFCFE' ELSE 'AFCEX' END, DETAIL = coalesce(refused.detail, '');
      END IF;
    END
    $function$;
  `,
  createCoordinationTables,
];
