#include "aws/retry.h"

#define BASE_MS            500
#define CAP_MS             20000
#define RETRY_AFTER_MAX_MS 60000

/* Codes by which services say "not now": throttling, and mishaps that pass. */
static const char *const transient_codes[] = {
	"BandwidthLimitExceeded",
	"EC2ThrottledException",
	"InternalError",
	"InternalFailure",
	"LimitExceededException",
	"PriorRequestNotComplete",
	"ProvisionedThroughputExceededException",
	"RequestLimitExceeded",
	"RequestThrottled",
	"RequestThrottledException",
	"RequestTimeout",
	"RequestTimeoutException",
	"ServiceUnavailable",
	"SlowDown",
	"ThrottledException",
	"Throttling",
	"ThrottlingException",
	"TooManyRequestsException",
	"TransactionInProgressException",
};

static bool is_transient_code(const char *code)
{
	for (size_t i = 0; i < sizeof(transient_codes) / sizeof(transient_codes[0]); i++)
		if (strcmp(code, transient_codes[i]) == 0)
			return true;
	return false;
}

bool retry_is_transient(const struct retry_fact *f)
{
	if (f->connection_failed)
		return true;
	switch (f->http_status) {
	case 500:
	case 502:
	case 503:
	case 504:
		return true;
	default:
		return is_transient_code(f->code ? f->code : "");
	}
}

bool retry_allowed(const struct retry_fact *f)
{
	if (f->attempt >= (f->attempts > 0 ? f->attempts : RETRY_ATTEMPTS) || !retry_is_transient(f))
		return false;
	if (!f->connection_failed)
		return true;
	if (f->timed_out)
		return false;
	return f->idempotent || !f->may_have_arrived;
}

int64_t retry_delay_ms(int attempt, int retry_after_s, uint32_t random)
{
	int64_t bound = CAP_MS, wait_ms, asked_ms;

	if (attempt < 6)
		bound = (int64_t)BASE_MS << attempt;
	if (bound > CAP_MS)
		bound = CAP_MS;
	wait_ms = (int64_t)random % (bound + 1);
	asked_ms = retry_after_s > 0 ? (int64_t)retry_after_s * 1000 : 0;
	if (asked_ms > RETRY_AFTER_MAX_MS)
		asked_ms = RETRY_AFTER_MAX_MS;
	return wait_ms > asked_ms ? wait_ms : asked_ms;
}
