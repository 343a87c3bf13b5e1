CREATE TABLE "mutation_outcome" (
	"tenant_id" uuid NOT NULL,
	"caller" text NOT NULL,
	"mutation" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"input_hash" "bytea" NOT NULL,
	"outcome" jsonb,
	"until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "mutation_outcome_tenant_id_caller_mutation_key_hash_pk" PRIMARY KEY("tenant_id","caller","mutation","key_hash")
);
--> statement-breakpoint
ALTER TABLE "mutation_outcome" ADD CONSTRAINT "mutation_outcome_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mutation_outcome_until" ON "mutation_outcome" USING btree ("until");--> statement-breakpoint
-- Closed like the others to all but its tenant. It belongs to no school: what it holds are ids, read again under the caller's rights.
ALTER TABLE "mutation_outcome" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "mutation_outcome" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "tenant" ON "mutation_outcome"
  USING (tenant_id = (select homeroom_tenant())) WITH CHECK (tenant_id = (select homeroom_tenant()));--> statement-breakpoint
-- What was kept long enough is forgotten for all tenants at once.
CREATE POLICY "system" ON "mutation_outcome" TO homeroom_system USING (true) WITH CHECK (true);--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "mutation_outcome" TO homeroom_app;--> statement-breakpoint
GRANT SELECT (tenant_id, caller, mutation, key_hash, until), DELETE ON "mutation_outcome" TO homeroom_system;
