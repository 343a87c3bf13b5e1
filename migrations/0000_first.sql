CREATE TABLE "activity" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "activity_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"entity" text,
	"parent_id" uuid,
	"ids" uuid[] NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "api_key" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"lookup" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"school_ids" uuid[],
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_key_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "checkpoint" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"cursor" text,
	"read_whole_at" timestamp (3) with time zone,
	CONSTRAINT "checkpoint_tenant_id_integration_id_stream_pk" PRIMARY KEY("tenant_id","integration_id","stream")
);
--> statement-breakpoint
CREATE TABLE "pull_progress" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"snapshot" boolean NOT NULL,
	"pages" integer DEFAULT 0 NOT NULL,
	"staged" integer DEFAULT 0 NOT NULL,
	"next" text,
	"mark" text,
	"done" boolean DEFAULT false NOT NULL,
	CONSTRAINT "pull_progress_tenant_id_run_id_stream_pk" PRIMARY KEY("tenant_id","run_id","stream")
);
--> statement-breakpoint
CREATE TABLE "class" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"title" text NOT NULL,
	"class_code" text,
	"class_type" text,
	"location" text,
	"grades" text[] DEFAULT '{}' NOT NULL,
	"subjects" text[] DEFAULT '{}' NOT NULL,
	"subject_codes" text[] DEFAULT '{}' NOT NULL,
	"periods" text[] DEFAULT '{}' NOT NULL,
	"course_id" uuid,
	"terms_ids" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "class_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "class_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "course" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"title" text NOT NULL,
	"course_code" text,
	"grades" text[] DEFAULT '{}' NOT NULL,
	"subjects" text[] DEFAULT '{}' NOT NULL,
	"subject_codes" text[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "course_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "course_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "data_key" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"wrapped" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "data_key_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "enrollment" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"role" text NOT NULL,
	"primary" boolean DEFAULT false NOT NULL,
	"begin_date" date,
	"end_date" date,
	"class_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	CONSTRAINT "enrollment_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "enrollment_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "guardian_link" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"relationship" text,
	"student_id" uuid NOT NULL,
	"guardian_id" uuid NOT NULL,
	CONSTRAINT "guardian_link_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "guardian_link_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "integration" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider" text NOT NULL,
	"settings" jsonb NOT NULL,
	"credentials" "bytea",
	"status" text NOT NULL,
	"status_reason" text,
	"last_synced_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "integration_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "link" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"key" text collate "C",
	"record_id" uuid,
	"state" text NOT NULL,
	"hash" "bytea",
	"base" jsonb,
	"external" jsonb,
	"refs" jsonb,
	"decisions" jsonb,
	"blocker" text,
	"handle" text,
	"generation" integer DEFAULT 1 NOT NULL,
	"run_id" uuid,
	"synced_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "org" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"identifier" text,
	CONSTRAINT "org_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "org_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "override" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"entity" text NOT NULL,
	"record_id" uuid NOT NULL,
	"field" text NOT NULL,
	"value" jsonb,
	"source_value" jsonb,
	"decided_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "override_tenant_id_record_id_field_pk" PRIMARY KEY("tenant_id","record_id","field")
);
--> statement-breakpoint
CREATE TABLE "person" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"given_name" text NOT NULL,
	"family_name" text NOT NULL,
	"middle_name" text,
	"username" text,
	"email" text,
	"role" text NOT NULL,
	"identifier" text,
	"phone" text,
	"sms" text,
	"grades" text[] DEFAULT '{}' NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	CONSTRAINT "person_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "person_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "school" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"sourced_id" text,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "school_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "sought" (
	"run_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"record_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "staging" (
	"run_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"key" text collate "C" NOT NULL,
	"page" integer NOT NULL,
	"record_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	"gone" boolean NOT NULL,
	"values" jsonb NOT NULL,
	"refs" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sync_conflict" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"stream" text collate "C" NOT NULL,
	"entity" text NOT NULL,
	"record_id" uuid NOT NULL,
	"key" text collate "C",
	"name" text,
	"fields" jsonb NOT NULL,
	"resolution" text,
	"resolved_by" text,
	"run_id" uuid,
	"detected_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sync_conflict_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "sync_log" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"stream" text collate "C" NOT NULL,
	"side" text NOT NULL,
	"kind" text NOT NULL,
	"action" text NOT NULL,
	"status" text NOT NULL,
	"waits" boolean DEFAULT false NOT NULL,
	"entity" text NOT NULL,
	"record_id" uuid,
	"key" text collate "C",
	"name" text,
	"before" jsonb,
	"after" jsonb,
	"refs" jsonb,
	"reason" text NOT NULL,
	"details" jsonb,
	"size" integer DEFAULT 1 NOT NULL,
	"last_key" text collate "C",
	"fingerprint" text,
	"sent_at" timestamp (3) with time zone,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sync_log_tenant_id_run_id_seq_pk" PRIMARY KEY("tenant_id","run_id","seq")
);
--> statement-breakpoint
CREATE TABLE "sync_run" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"status" text NOT NULL,
	"trigger" text NOT NULL,
	"mode" text NOT NULL,
	"whole" boolean NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"phase" text,
	"completed" integer DEFAULT 0 NOT NULL,
	"total" integer,
	"claim" integer DEFAULT 0 NOT NULL,
	"worker" integer,
	"heartbeat_at" timestamp (3) with time zone,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"created" integer DEFAULT 0 NOT NULL,
	"updated" integer DEFAULT 0 NOT NULL,
	"deleted" integer DEFAULT 0 NOT NULL,
	"unchanged" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"conflicts" integer DEFAULT 0 NOT NULL,
	"held_reason" text,
	"plan_hash" text,
	"plan_expires_at" timestamp (3) with time zone,
	"approved_hash" text,
	"error" jsonb,
	"requested_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sync_run_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "sync_scope" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"entity" text NOT NULL,
	"record_id" uuid NOT NULL,
	CONSTRAINT "sync_scope_tenant_id_run_id_entity_record_id_pk" PRIMARY KEY("tenant_id","run_id","entity","record_id")
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "term" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"title" text NOT NULL,
	"type" text NOT NULL,
	"start_date" date NOT NULL,
	"end_date" date NOT NULL,
	"school_year" text,
	"parent_id" uuid,
	CONSTRAINT "term_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "term_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "token_bucket" (
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"tokens" double precision NOT NULL,
	"refilled_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "token_bucket_tenant_id_name_pk" PRIMARY KEY("tenant_id","name")
);
--> statement-breakpoint
ALTER TABLE "activity" ADD CONSTRAINT "activity_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pull_progress" ADD CONSTRAINT "pull_progress_tenant_id_run_id_sync_run_tenant_id_id_fk" FOREIGN KEY ("tenant_id","run_id") REFERENCES "public"."sync_run"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "class" ADD CONSTRAINT "class_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "class" ADD CONSTRAINT "class_course" FOREIGN KEY ("tenant_id","school_id","course_id") REFERENCES "public"."course"("tenant_id","school_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "course" ADD CONSTRAINT "course_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "data_key" ADD CONSTRAINT "data_key_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrollment" ADD CONSTRAINT "enrollment_of_class" FOREIGN KEY ("tenant_id","school_id","class_id") REFERENCES "public"."class"("tenant_id","school_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrollment" ADD CONSTRAINT "enrollment_of_person" FOREIGN KEY ("tenant_id","school_id","person_id") REFERENCES "public"."person"("tenant_id","school_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "guardian_link" ADD CONSTRAINT "guardian_link_of_student" FOREIGN KEY ("tenant_id","school_id","student_id") REFERENCES "public"."person"("tenant_id","school_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "guardian_link" ADD CONSTRAINT "guardian_link_of_guardian" FOREIGN KEY ("tenant_id","school_id","guardian_id") REFERENCES "public"."person"("tenant_id","school_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integration" ADD CONSTRAINT "integration_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "link" ADD CONSTRAINT "link_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "org" ADD CONSTRAINT "org_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "override" ADD CONSTRAINT "override_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "school" ADD CONSTRAINT "school_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_conflict" ADD CONSTRAINT "sync_conflict_of_integration" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_log" ADD CONSTRAINT "sync_log_tenant_id_run_id_sync_run_tenant_id_id_fk" FOREIGN KEY ("tenant_id","run_id") REFERENCES "public"."sync_run"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_run" ADD CONSTRAINT "sync_run_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_scope" ADD CONSTRAINT "sync_scope_tenant_id_run_id_sync_run_tenant_id_id_fk" FOREIGN KEY ("tenant_id","run_id") REFERENCES "public"."sync_run"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "term" ADD CONSTRAINT "term_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_bucket" ADD CONSTRAINT "token_bucket_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_cursor" ON "activity" USING btree ("xid","seq");--> statement-breakpoint
CREATE INDEX "activity_tenant" ON "activity" USING btree ("tenant_id","xid","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "api_key_lookup" ON "api_key" USING btree ("lookup");--> statement-breakpoint
CREATE INDEX "class_sourced_id" ON "class" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "course_sourced_id" ON "course" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "enrollment_sourced_id" ON "enrollment" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "enrollment_class" ON "enrollment" USING btree ("tenant_id","class_id","id");--> statement-breakpoint
CREATE INDEX "enrollment_person" ON "enrollment" USING btree ("tenant_id","person_id","id");--> statement-breakpoint
CREATE INDEX "guardian_link_sourced_id" ON "guardian_link" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "guardian_link_student" ON "guardian_link" USING btree ("tenant_id","student_id","id");--> statement-breakpoint
CREATE INDEX "guardian_link_guardian" ON "guardian_link" USING btree ("tenant_id","guardian_id","id");--> statement-breakpoint
CREATE INDEX "integration_school" ON "integration" USING btree ("tenant_id","school_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "link_key" ON "link" USING btree ("tenant_id","integration_id","stream","key");--> statement-breakpoint
CREATE UNIQUE INDEX "link_record" ON "link" USING btree ("tenant_id","record_id","integration_id","stream");--> statement-breakpoint
CREATE INDEX "org_sourced_id" ON "org" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "person_sourced_id" ON "person" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "person_email" ON "person" USING btree ("tenant_id","school_id","email");--> statement-breakpoint
CREATE INDEX "sought_record" ON "sought" USING btree ("run_id","stream","record_id");--> statement-breakpoint
CREATE INDEX "staging_key" ON "staging" USING btree ("run_id","stream","key","page" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "sync_conflict_unresolved" ON "sync_conflict" USING btree ("tenant_id","integration_id","stream","record_id") WHERE "sync_conflict"."status" <> 'RESOLVED';--> statement-breakpoint
CREATE INDEX "sync_conflict_school" ON "sync_conflict" USING btree ("tenant_id","school_id","status","id");--> statement-breakpoint
CREATE INDEX "sync_log_id" ON "sync_log" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "sync_log_pending" ON "sync_log" USING btree ("tenant_id","run_id","stream","seq") WHERE "sync_log"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "sync_run_integration" ON "sync_run" USING btree ("tenant_id","integration_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "sync_run_waiting" ON "sync_run" USING btree ("tenant_id","integration_id") WHERE "sync_run"."status" = 'QUEUED' and "sync_run"."approved_hash" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "sync_run_live" ON "sync_run" USING btree ("tenant_id","integration_id") WHERE "sync_run"."status" = 'RUNNING';--> statement-breakpoint
CREATE INDEX "term_sourced_id" ON "term" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
ALTER TABLE "staging" SET UNLOGGED;--> statement-breakpoint
ALTER TABLE "sought" SET UNLOGGED;--> statement-breakpoint
-- Who is asking: set inside each transaction, never for a session. A pooled connection reports an empty string
-- after the transaction that set it has ended, so empty counts as missing: no identity, no rows.
CREATE FUNCTION homeroom_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ select nullif(current_setting('homeroom.tenant', true), '')::uuid $$;--> statement-breakpoint
-- The schools this identity may see; null means every school of the tenant.
CREATE FUNCTION homeroom_schools() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ select case when current_setting('homeroom.schools', true) = '*' then null
                    else coalesce(nullif(current_setting('homeroom.schools', true), '')::uuid[], '{}') end $$;--> statement-breakpoint
-- Every table with a tenant_id is closed to all but its tenant, also for its owner; every table with a school_id
-- to all but those schools. `(select …)` makes both a value computed once per statement, so that indexes serve.
DO $$
declare
  t record;
  rule text;
begin
  for t in
    select c.table_name,
           bool_or(c.column_name = 'school_id') as schooled,
           bool_or(c.column_name = 'school_id' and c.is_nullable = 'YES') as loose
    from information_schema.columns c
    join information_schema.tables i using (table_schema, table_name)
    where c.table_schema = 'public' and i.table_type = 'BASE TABLE'
    group by c.table_name
    having bool_or(c.column_name = 'tenant_id')
  loop
    rule := 'tenant_id = (select homeroom_tenant())';
    if t.schooled then
      rule := rule || ' and (' || case when t.loose then 'school_id is null or ' else '' end
        || '(select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[]))';
    end if;
    execute format('alter table %I enable row level security', t.table_name);
    execute format('alter table %I force row level security', t.table_name);
    execute format('create policy tenant on %I using (%s) with check (%s)', t.table_name, rule, rule);
  end loop;
end $$;--> statement-breakpoint
ALTER TABLE "tenant" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenant" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "tenant" ON "tenant" USING (id = (select homeroom_tenant())) WITH CHECK (id = (select homeroom_tenant()));--> statement-breakpoint
-- A school's own row carries its id as `id`.
DROP POLICY "tenant" ON "school";--> statement-breakpoint
CREATE POLICY "tenant" ON "school"
  USING (tenant_id = (select homeroom_tenant())
    and ((select homeroom_schools()) is null or id = any ((select homeroom_schools())::uuid[])))
  WITH CHECK (tenant_id = (select homeroom_tenant()));--> statement-breakpoint
-- What must be done before a tenant is known or across tenants: looking up a presented key, following the activity.
CREATE POLICY "system" ON "api_key" TO homeroom_system USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "system" ON "sync_run" FOR SELECT TO homeroom_system USING (true);--> statement-breakpoint
CREATE POLICY "system" ON "activity" TO homeroom_system USING (true) WITH CHECK (true);--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO homeroom_app, homeroom_worker, homeroom_system;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO homeroom_app, homeroom_worker;--> statement-breakpoint
REVOKE ALL ON "staging", "sought" FROM homeroom_app;--> statement-breakpoint
GRANT SELECT, UPDATE (last_used_at) ON "api_key" TO homeroom_system;--> statement-breakpoint
GRANT SELECT, DELETE ON "activity" TO homeroom_system;--> statement-breakpoint
-- A worker that starts looks for runs whose worker died.
GRANT SELECT (tenant_id, integration_id, id, status, worker, heartbeat_at, due_at) ON "sync_run" TO homeroom_system;
--> statement-breakpoint
-- The planner believes a table that was never analysed to be tiny, and then compares a batch with everything there is.
-- A worker that has just filled some may have them looked at; which ones, this list says. Reviewed: it takes no input.
CREATE FUNCTION homeroom_analyze() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public
  AS $$ analyze staging, link, org, term, course, class, person, enrollment, guardian_link $$;--> statement-breakpoint
REVOKE ALL ON FUNCTION homeroom_analyze() FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION homeroom_analyze() TO homeroom_worker;
