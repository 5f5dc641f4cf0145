/* Layer: sandbox. What a bucket takes for its policy is told again as a text that it takes too, and that says the same;
 * nobody without a signature gets anything from one that is not public or bound to an address. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/access/bucket_policy.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];
static struct world world;

static void end_world(void)
{
	struct err err;

	store_close(world.store);
	if (file_remove_tree(dir, &err))
		abort();
}

static void put(const char *kind, const char *id, const char *text)
{
	struct err err;

	if (store_put(world.store, kind, id, json_parse(text, strlen(text), &err), &err) ||
	    store_commit(world.store, &err))
		abort();
}

static void begin_world(void)
{
	static const char name[] = "/tmp/fuzz-bucket-XXXXXX";
	struct err err;

	if (*dir)
		return;
	memcpy(dir, name, sizeof(name));
	world.clock = &clock_system;
	memcpy(world.account, "123456789012", 13);
	if (!mkdtemp(dir) || atexit(end_world) || store_open(dir, &world.store, &err))
		abort();
	put("iam:user", "ann",
	    "{\"name\":\"ann\",\"userId\":\"AIDAANN\",\"arn\":\"arn:aws:iam::123456789012:user/ann\"}");
	put("iam:role", "copy",
	    "{\"name\":\"copy\",\"id\":\"AROACOPY\",\"arn\":\"arn:aws:iam::123456789012:role/copy\"}");
}

static void ask(const struct json *policy, const struct principal *who, struct bucket_word *out)
{
	bucket_policy_ask(policy, who, "s3:GetObject", "arn:aws:s3:::b/k", NULL, out);
}

static void check_kept(const struct json *policy)
{
	const struct principal ann = { .session_arn = "arn:aws:iam::123456789012:user/ann",
				       .own_arn = "arn:aws:iam::123456789012:user/ann",
				       .own_id = "AIDAANN",
				       .account = "123456789012" };
	const struct principal nobody = { .anonymous = true };
	struct bucket_word one, other, all;
	struct json *again = NULL;
	struct buf text;
	struct err err;

	buf_init(&text, BUF_MAX_DEFAULT);
	if (bucket_policy_print(&world, policy, &text, &err))
		abort();
	/* Texts grow when ids become ARNs again. */
	if (text.len <= BUCKET_POLICY_MAX && bucket_policy_parse(&world, "b", text.data, text.len, &again, &err))
		abort();
	if (again) {
		ask(policy, &ann, &one);
		ask(again, &ann, &other);
		if (one.denied != other.denied || one.allowed != other.allowed ||
		    bucket_policy_is_public(policy) != bucket_policy_is_public(again))
			abort();
	}
	/* Without a condition that could narrow it, what nobody in particular may is public. */
	ask(policy, &nobody, &all);
	if (all.allowed != PRINCIPAL_NONE && all.allowed != PRINCIPAL_ANYBODY)
		abort();
	if (all.allowed == PRINCIPAL_ANYBODY && !strstr(text.data, "Condition") && !bucket_policy_is_public(policy))
		abort();
	json_free(again);
	buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *policy = NULL;
	struct err err;

	begin_world();
	store_lock(world.store);
	if (bucket_policy_parse(&world, "b", (const char *)data, size, &policy, &err) == 0)
		check_kept(policy);
	else if (err.kind != ERR_AWS || strcmp(err.code, "MalformedPolicy"))
		abort();
	json_free(policy);
	store_unlock(world.store);
	return 0;
}
