ALTER TABLE "sync_run" ADD COLUMN "tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_run" ADD COLUMN "furthest" bigint DEFAULT 0 NOT NULL;