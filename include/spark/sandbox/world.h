#ifndef SPARK_SANDBOX_WORLD_H
#define SPARK_SANDBOX_WORLD_H

#include "spark/base/clock.h"
#include "spark/sandbox/objects.h"
#include "spark/sandbox/store.h"

/* What every part of the sandbox stands on. Made by main, lives as long as the process. */
struct world {
	struct store *store;
	struct objects *objects;
	struct clusters *clusters;     /* sandbox/clusters.h */
	struct statements *statements; /* sandbox/statements.h */
	struct faults *faults;         /* sandbox/fault/faults.h; NULL: none can be asked for */
	struct record *record;         /* of requests, sandbox/record/record.h; NULL: none is kept */
	const struct clock *clock;
	const char *dir; /* the sandbox's folder */
	/* Names of --allow-host under which clients may come, NULL-terminated; NULL: none but the machine's own. */
	const char *const *allowed_hosts;
	char account[13];        /* "123456789012" */
	char default_region[32]; /* for resources that need one before any call, "us-west-2" */
	int time_scale_percent;
	int64_t snapshot_interval_ms; /* between automated snapshots of a cluster; 0: none are taken */
	int64_t log_interval_ms;      /* between deliveries of a cluster's audit logs */
	bool strict;                  /* clusters refuse SQL that Redshift does not know */
};

/* Identifiers: prefix + `len` random characters; kind of alphabet as AWS has it. */
int world_id_hex(const char *prefix, int digits, char *out, size_t size,
		 struct err *err) MUST_CHECK; /* "sg-" + 17 hex */
int world_id_base32(const char *prefix, int digits, char *out, size_t size,
		    struct err *err) MUST_CHECK; /* "AROA" + 17 upper-case */

#endif
