DROP INDEX "sync_log_failed";--> statement-breakpoint
CREATE INDEX "sync_conflict_listed" ON "sync_conflict" USING btree ("tenant_id","school_id","id");--> statement-breakpoint
CREATE INDEX "sync_log_status" ON "sync_log" USING btree ("tenant_id","run_id","status","seq");--> statement-breakpoint
CREATE INDEX "sync_log_action" ON "sync_log" USING btree ("tenant_id","run_id","action" text_pattern_ops,"seq");--> statement-breakpoint
CREATE INDEX "sync_run_status" ON "sync_run" USING btree ("tenant_id","integration_id","status","id");--> statement-breakpoint
CREATE INDEX "sync_run_created" ON "sync_run" USING btree ("tenant_id","integration_id","created_at");