CREATE TABLE "field_rule" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"entity" text NOT NULL,
	"field" text NOT NULL,
	"rule" text NOT NULL,
	"decided_by" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "field_rule_tenant_id_integration_id_entity_field_pk" PRIMARY KEY("tenant_id","integration_id","entity","field")
);
--> statement-breakpoint
CREATE TABLE "known_page" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"place" text collate "C" NOT NULL,
	"digest" "bytea" NOT NULL,
	"mapping" text NOT NULL,
	"keys" text[] NOT NULL,
	"note" text NOT NULL,
	"run_id" uuid NOT NULL,
	"settled" boolean DEFAULT false NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "known_page_tenant_id_integration_id_stream_place_pk" PRIMARY KEY("tenant_id","integration_id","stream","place")
);
--> statement-breakpoint
CREATE TABLE "problem" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"code" text NOT NULL,
	"message" text NOT NULL,
	"remedy" text NOT NULL,
	"turn" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"affected_count" integer NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "problem_tenant_id_integration_id_code_pk" PRIMARY KEY("tenant_id","integration_id","code")
);
--> statement-breakpoint
CREATE TABLE "record_edit" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"entity" text NOT NULL,
	"record_id" uuid NOT NULL,
	"action" text NOT NULL,
	"integration_id" uuid,
	"before" jsonb,
	"after" jsonb,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "record_edit_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "rejected_record" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"key" text collate "C" NOT NULL,
	"entity" text NOT NULL,
	"name" text,
	"code" text NOT NULL,
	"problem" text NOT NULL,
	"run_id" uuid NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "rejected_record_tenant_id_integration_id_stream_key_pk" PRIMARY KEY("tenant_id","integration_id","stream","key")
);
--> statement-breakpoint
CREATE TABLE "removal_tally" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"run_id" uuid NOT NULL,
	"removed" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "removal_tally_tenant_id_integration_id_stream_run_id_pk" PRIMARY KEY("tenant_id","integration_id","stream","run_id")
);
--> statement-breakpoint
CREATE TABLE "schedule_slot" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"slot" text collate "C" NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"run_id" uuid,
	CONSTRAINT "schedule_slot_tenant_id_integration_id_slot_pk" PRIMARY KEY("tenant_id","integration_id","slot")
);
--> statement-breakpoint
DROP INDEX "sync_run_waiting";--> statement-breakpoint
DROP INDEX "sync_run_live";--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "schedule" jsonb;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "next_sync_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "approved_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "position" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "webhook_endpoint" text;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "webhook_secret" "bytea";--> statement-breakpoint
ALTER TABLE "link" ADD COLUMN "until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sync_conflict" ADD COLUMN "candidates" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_progress" ADD COLUMN "known" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_run" ADD COLUMN "lane" text DEFAULT 'BULK' NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_run" ADD COLUMN "undoes" uuid;--> statement-breakpoint
ALTER TABLE "sync_run" ADD COLUMN "retries" uuid;--> statement-breakpoint
ALTER TABLE "field_rule" ADD CONSTRAINT "field_rule_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "known_page" ADD CONSTRAINT "known_page_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "problem" ADD CONSTRAINT "problem_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_edit" ADD CONSTRAINT "record_edit_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejected_record" ADD CONSTRAINT "rejected_record_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "removal_tally" ADD CONSTRAINT "removal_tally_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_slot" ADD CONSTRAINT "schedule_slot_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "record_edit_record" ON "record_edit" USING btree ("tenant_id","record_id","id");--> statement-breakpoint
CREATE INDEX "rejected_record_run" ON "rejected_record" USING btree ("tenant_id","run_id");--> statement-breakpoint
CREATE INDEX "removal_tally_at" ON "removal_tally" USING btree ("tenant_id","integration_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "integration_webhook_endpoint" ON "integration" USING btree ("webhook_endpoint");--> statement-breakpoint
CREATE INDEX "integration_next_sync" ON "integration" USING btree ("next_sync_at");--> statement-breakpoint
CREATE INDEX "sync_log_record" ON "sync_log" USING btree ("tenant_id","record_id","id") WHERE "sync_log"."record_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "sync_run_waiting" ON "sync_run" USING btree ("tenant_id","integration_id","lane") WHERE "sync_run"."status" = 'QUEUED' and "sync_run"."approved_hash" is null and "sync_run"."mode" <> 'PREVIEW' and "sync_run"."undoes" is null and "sync_run"."retries" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "sync_run_live" ON "sync_run" USING btree ("tenant_id","integration_id","lane") WHERE "sync_run"."status" = 'RUNNING';--> statement-breakpoint
CREATE INDEX "class_archived" ON "class" USING btree ("tenant_id","school_id","sourced_id") WHERE "class"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "course_archived" ON "course" USING btree ("tenant_id","school_id","sourced_id") WHERE "course"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "enrollment_archived" ON "enrollment" USING btree ("tenant_id","school_id","sourced_id") WHERE "enrollment"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "guardian_link_archived" ON "guardian_link" USING btree ("tenant_id","school_id","sourced_id") WHERE "guardian_link"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "link_blocked" ON "link" USING btree ("tenant_id","integration_id","stream","key") WHERE "link"."blocker" is not null;--> statement-breakpoint
CREATE INDEX "org_archived" ON "org" USING btree ("tenant_id","school_id","sourced_id") WHERE "org"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "person_archived" ON "person" USING btree ("tenant_id","school_id","sourced_id") WHERE "person"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "term_archived" ON "term" USING btree ("tenant_id","school_id","sourced_id") WHERE "term"."status" = 'ARCHIVED';--> statement-breakpoint
-- What was seen of pages may be lost in a crash: then they are read.
ALTER TABLE "known_page" SET UNLOGGED;--> statement-breakpoint
-- An integration that has synced before has been trusted before.
UPDATE "integration" SET "approved_at" = "last_synced_at" WHERE "last_synced_at" IS NOT NULL;--> statement-breakpoint
-- The new tables are closed like the others: to all but their tenant and, of its schools, those in reach.
DO $$
declare
  name text;
begin
  foreach name in array array['field_rule', 'known_page', 'problem', 'record_edit', 'rejected_record', 'removal_tally', 'schedule_slot'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (%s) with check (%2$s)', name,
      'tenant_id = (select homeroom_tenant()) and ((select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[]))');
    execute format('grant select, insert, update, delete on %I to homeroom_app, homeroom_worker', name);
  end loop;
end $$;--> statement-breakpoint
-- Which schedules are due, and whose webhook rings, is asked before a tenant is known. Ids and times only.
CREATE POLICY "system" ON "integration" FOR SELECT TO homeroom_system USING (true);--> statement-breakpoint
GRANT SELECT (tenant_id, school_id, id, provider, status, next_sync_at, webhook_endpoint) ON "integration" TO homeroom_system;--> statement-breakpoint
-- Which questions have lapsed is looked for across tenants.
GRANT SELECT (plan_expires_at) ON "sync_run" TO homeroom_system;
