CREATE TABLE "member" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text,
	"issuer" text,
	"subject" text,
	"name" text,
	"role" text NOT NULL,
	"school_ids" uuid[],
	"invited_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"joined_at" timestamp (3) with time zone,
	"last_seen_at" timestamp (3) with time zone,
	CONSTRAINT "member_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "member" ADD CONSTRAINT "member_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "member_email" ON "member" USING btree ("tenant_id","email");--> statement-breakpoint
CREATE UNIQUE INDEX "member_subject" ON "member" USING btree ("tenant_id","issuer","subject") WHERE "member"."subject" is not null;--> statement-breakpoint
-- Closed like the others to all but its tenant. A token says which tenant it is for, so nobody has to look across them.
ALTER TABLE "member" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "member" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "tenant" ON "member"
  USING (tenant_id = (select homeroom_tenant())) WITH CHECK (tenant_id = (select homeroom_tenant()));--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "member" TO homeroom_app;
