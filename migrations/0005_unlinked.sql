CREATE TABLE "unlinked" (
	"run_id" uuid NOT NULL,
	"stream" text collate "C" NOT NULL,
	"by" smallint NOT NULL,
	"said" "bytea" NOT NULL,
	"key" text collate "C" NOT NULL
);
--> statement-breakpoint
CREATE INDEX "unlinked_said" ON "unlinked" USING btree ("run_id","stream","by","said");--> statement-breakpoint
-- Like staging: lost with a crash of the database, without a tenant's column, and for the worker alone.
ALTER TABLE "unlinked" SET UNLOGGED;--> statement-breakpoint
REVOKE ALL ON "unlinked" FROM homeroom_app;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "unlinked" TO homeroom_worker;
