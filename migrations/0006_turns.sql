ALTER TABLE "pull_progress" ADD COLUMN "began_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_run" ADD COLUMN "has_turn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "sync_run_turn" ON "sync_run" USING btree ("tenant_id","integration_id") WHERE "sync_run"."status" = 'RUNNING' and "sync_run"."has_turn";--> statement-breakpoint
CREATE INDEX "sync_run_quick" ON "sync_run" USING btree ("tenant_id","integration_id","updated_at") WHERE "sync_run"."lane" = 'QUICK';--> statement-breakpoint
-- Which lane has work that nobody is at is looked for across tenants.
GRANT SELECT (lane) ON "sync_run" TO homeroom_system;
