CREATE TABLE "group" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"title" text NOT NULL,
	"code" text,
	"members_ids" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "group_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "group_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
CREATE TABLE "meeting" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sourced_id" text collate "C",
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"location" text,
	"class_id" uuid,
	"instructors_ids" uuid[] DEFAULT '{}' NOT NULL,
	"learners_ids" uuid[] DEFAULT '{}' NOT NULL,
	"groups_ids" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "meeting_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "meeting_school_id" UNIQUE("tenant_id","school_id","id")
);
--> statement-breakpoint
ALTER TABLE "group" ADD CONSTRAINT "group_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "meeting" ADD CONSTRAINT "meeting_tenant_id_school_id_school_tenant_id_id_fk" FOREIGN KEY ("tenant_id","school_id") REFERENCES "public"."school"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "meeting" ADD CONSTRAINT "meeting_class" FOREIGN KEY ("tenant_id","school_id","class_id") REFERENCES "public"."class"("tenant_id","school_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "group_sourced_id" ON "group" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "meeting_sourced_id" ON "meeting" USING btree ("tenant_id","school_id","sourced_id");--> statement-breakpoint
CREATE INDEX "meeting_starts" ON "meeting" USING btree ("tenant_id","school_id","starts_at");--> statement-breakpoint
-- The new tables are closed like the others: to all but their tenant and, of its schools, those in reach.
DO $$
declare
  name text;
begin
  foreach name in array array['group', 'meeting'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (%s) with check (%2$s)', name,
      'tenant_id = (select homeroom_tenant()) and ((select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[]))');
    execute format('grant select, insert, update, delete on %I to homeroom_app, homeroom_worker', name);
  end loop;
end $$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION homeroom_analyze() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public
  AS $$ analyze staging, link, org, term, course, class, person, enrollment, guardian_link, "group", meeting $$;
