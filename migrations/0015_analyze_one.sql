-- A table at a time, each in a transaction of its own: what ANALYZE has found of the first is written while it samples the next, and
-- live events wait for whoever has written.
DROP FUNCTION homeroom_analyze();--> statement-breakpoint
CREATE FUNCTION homeroom_analyze(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
  AS $$
    BEGIN
      IF name <> ALL (ARRAY['staging', 'link', 'org', 'term', 'course', 'class', 'person', 'enrollment', 'guardian_link', 'group', 'meeting', 'sync_log']) THEN
        RAISE EXCEPTION 'Nobody plans a run by the statistics of %.', name;
      END IF;
      EXECUTE format('analyze (skip_locked) %I', name);
    END
  $$;--> statement-breakpoint
REVOKE ALL ON FUNCTION homeroom_analyze(text) FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION homeroom_analyze(text) TO homeroom_worker;
