CREATE TABLE "export" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"status" text NOT NULL,
	"entities" text[] NOT NULL,
	"record_status" text[] NOT NULL,
	"updated_since" timestamp (3) with time zone,
	"contacts" boolean NOT NULL,
	"live_cursor" text NOT NULL,
	"asker_kind" text NOT NULL,
	"asked_by" uuid NOT NULL,
	"asker_name" text NOT NULL,
	"completed" integer DEFAULT 0 NOT NULL,
	"total" integer,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"transfer" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "export_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "export" ADD CONSTRAINT "export_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "export_school" ON "export" USING btree ("tenant_id","school_id","id");--> statement-breakpoint
-- The new table is closed like the others: to all but its tenant and, of its schools, those in reach.
ALTER TABLE "export" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "export" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "tenant" ON "export"
  USING (tenant_id = (select homeroom_tenant()) and ((select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[])))
  WITH CHECK (tenant_id = (select homeroom_tenant()) and ((select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[])));--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "export" TO homeroom_app;
