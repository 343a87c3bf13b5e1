-- A table that somebody else is at, most likely to look at it too, is left to them: waiting for it would hold live events back.
-- The log is joined by what plans a destination, and grows by the plan itself.
CREATE OR REPLACE FUNCTION homeroom_analyze() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public
  AS $$ analyze (skip_locked) staging, link, org, term, course, class, person, enrollment, guardian_link, "group", meeting, sync_log $$;
