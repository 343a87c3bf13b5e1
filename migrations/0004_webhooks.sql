CREATE TABLE "webhook_delivery" (
	"tenant_id" uuid NOT NULL,
	"school_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"digest" "bytea" NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "webhook_delivery_tenant_id_integration_id_digest_pk" PRIMARY KEY("tenant_id","integration_id","digest")
);
--> statement-breakpoint
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_tenant_id_integration_id_integration_tenant_id_id_fk" FOREIGN KEY ("tenant_id","integration_id") REFERENCES "public"."integration"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_delivery_received" ON "webhook_delivery" USING btree ("tenant_id","integration_id","received_at");--> statement-breakpoint
-- The new table is closed like the others: to all but its tenant and, of its schools, those in reach.
ALTER TABLE "webhook_delivery" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "webhook_delivery" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "tenant" ON "webhook_delivery"
  USING (tenant_id = (select homeroom_tenant()) and ((select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[])))
  WITH CHECK (tenant_id = (select homeroom_tenant()) and ((select homeroom_schools()) is null or school_id = any ((select homeroom_schools())::uuid[])));--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "webhook_delivery" TO homeroom_app, homeroom_worker;
