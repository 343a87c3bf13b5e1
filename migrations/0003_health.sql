ALTER TABLE "integration" ADD COLUMN "owed_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "grace_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "integration" ADD COLUMN "forgiven_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "group_archived" ON "group" USING btree ("tenant_id","school_id","sourced_id") WHERE "group"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "meeting_archived" ON "meeting" USING btree ("tenant_id","school_id","sourced_id") WHERE "meeting"."status" = 'ARCHIVED';--> statement-breakpoint
CREATE INDEX "integration_grace" ON "integration" USING btree ("grace_until") WHERE "integration"."grace_until" is not null;--> statement-breakpoint
CREATE INDEX "sync_log_failed" ON "sync_log" USING btree ("tenant_id","run_id","seq") WHERE "sync_log"."status" = 'FAILED';--> statement-breakpoint
CREATE INDEX "sync_run_whole" ON "sync_run" USING btree ("tenant_id","integration_id","id") WHERE "sync_run"."whole";--> statement-breakpoint
CREATE INDEX "sync_run_failed" ON "sync_run" USING btree ("tenant_id","integration_id","id") WHERE "sync_run"."failed" > 0;--> statement-breakpoint
CREATE INDEX "sync_run_held" ON "sync_run" USING btree ("tenant_id","integration_id","plan_expires_at") WHERE "sync_run"."status" = 'HELD';--> statement-breakpoint
-- Whose grace has run out is looked for across tenants. An instant only.
GRANT SELECT (grace_until) ON "integration" TO homeroom_system;--> statement-breakpoint
-- Rows of all tenants are mended: their owner has to be let past the tenants' policies for it. Errors of earlier runs do
-- not say whose turn it was; nothing is made of them until the next run. What had synced before plans were asked about is trusted.
ALTER TABLE "sync_run" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "integration" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "sync_run" SET "error" = "error" || '{"turn": "HOMEROOM"}' WHERE "error" IS NOT NULL AND NOT "error" ? 'turn';--> statement-breakpoint
UPDATE "integration" SET "approved_at" = "last_synced_at" WHERE "approved_at" IS NULL AND "last_synced_at" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "integration" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sync_run" FORCE ROW LEVEL SECURITY;
