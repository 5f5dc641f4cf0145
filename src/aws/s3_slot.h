#ifndef SPARK_AWS_S3_SLOT_PRIVATE_H
#define SPARK_AWS_S3_SLOT_PRIVATE_H

#include "aws/http_exchange.h"
#include "aws/http_lane.h"
#include "aws/s3_call.h"
#include "aws/s3_part.h"

/* One of the transfers that run at the same time: the local half (file, temporary file) and the request. */
struct s3_slot {
	enum { SLOT_FREE, SLOT_ACTIVE, SLOT_WAITING } state;
	CURL *handle;
	struct s3_job job;
	struct s3_call call;
	struct signed_request signed_request;
	struct http_exchange exchange;
	struct http_lane lane; /* of small requests */
	bool on_lane;          /* SLOT_ACTIVE: there, else in the exchange */
	struct http_answer answer;
	struct attempts attempts;
	int64_t wake_ms; /* SLOT_WAITING: when to try again */
	struct buf data; /* of a small upload */
	char hash[SHA256_HEX];
	int fd;              /* of a large upload; -1: none */
	struct s3_part part; /* of a large download */
};

/* Opens what the job needs and makes the request. */
int s3_slot_open(struct s3_slot *s, struct err *err) MUST_CHECK;
/* Puts the local half back to its begin, before another attempt. */
int s3_slot_rewind(struct s3_slot *s, struct err *err) MUST_CHECK;
/* After the reply: writes and renames what was downloaded. */
int s3_slot_commit(struct s3_slot *s, struct s3_folder *last, struct err *err) MUST_CHECK;
/* Frees everything but the handle; an unfinished temporary file is removed. */
void s3_slot_close(struct s3_slot *s);

#endif
