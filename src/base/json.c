#include "spark/base/json.h"

#include <cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_item.h"
#include "spark/base/mem.h"

/* The largest integer below which a double holds every one. */
#define EXACT_MAX 9007199254740991.0

/* struct json is a cJSON item under another name; never defined. */
static cJSON *item_of(const struct json *j)
{
	return (cJSON *)(uintptr_t)j;
}

static struct json *json_of(const cJSON *item)
{
	return (struct json *)(uintptr_t)item;
}

static void *hook_alloc(size_t size)
{
	return mem_alloc(size);
}

static void hook_free(void *p)
{
	mem_free(p);
}

static void install_hooks(void)
{
	cJSON_Hooks hooks = { hook_alloc, hook_free };

	cJSON_InitHooks(&hooks);
}

static void use_our_memory(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install_hooks);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int refuse_same_names(const cJSON *object, struct err *err)
{
	size_t count = 0, n = 0;
	const char **names;
	int rc = 0;

	for (const cJSON *m = object->child; m; m = m->next)
		count++;
	if (count < 2)
		return 0;
	names = mem_alloc_array(count, sizeof(*names));
	if (!names)
		return err_nomem(err);
	for (const cJSON *m = object->child; m; m = m->next)
		names[n++] = m->string;
	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 1; i < count && rc == 0; i++) {
		if (strcmp(names[i - 1], names[i]) == 0)
			rc = err_set(err, ERR_PARSE, "not valid JSON: the name '%.200s' is there twice", names[i]);
	}
	mem_free(names);
	return rc;
}

static int refuse_duplicates(const cJSON *item, struct err *err)
{
	if (cJSON_IsObject(item) && refuse_same_names(item, err) < 0)
		return -1;
	if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
		return 0;
	for (const cJSON *m = item->child; m; m = m->next) {
		if (refuse_duplicates(m, err) < 0)
			return -1;
	}
	return 0;
}

static struct json *parse(const char *text, size_t len, int max_depth, struct err *err)
{
	cJSON *item;

	use_our_memory();
	if (json_check(text, len, max_depth, err) < 0)
		return NULL;
	/* What passed the check can only fail for want of memory. */
	item = cJSON_ParseWithLength(text, len);
	if (!item) {
		err_nomem(err);
		return NULL;
	}
	if (refuse_duplicates(item, err) < 0) {
		cJSON_Delete(item);
		return NULL;
	}
	return json_of(item);
}

struct json *json_parse(const char *text, size_t len, struct err *err)
{
	return parse(text, len, JSON_MAX_DEPTH, err);
}

struct json *json_parse_deep(const char *text, size_t len, struct err *err)
{
	return parse(text, len, JSON_DEEP_DEPTH, err);
}

void json_free(struct json *j)
{
	cJSON_Delete(item_of(j));
}

struct json *json_copy(const struct json *j)
{
	use_our_memory();
	return json_of(cJSON_Duplicate(item_of(j), 1));
}

bool json_is_object(const struct json *j)
{
	return cJSON_IsObject(item_of(j));
}

bool json_is_array(const struct json *j)
{
	return cJSON_IsArray(item_of(j));
}

bool json_is_string(const struct json *j)
{
	return cJSON_IsString(item_of(j));
}

/* Raw items are integers that a double cannot hold, see json_set_int(). */
bool json_is_number(const struct json *j)
{
	return cJSON_IsNumber(item_of(j)) || cJSON_IsRaw(item_of(j));
}

bool json_is_bool(const struct json *j)
{
	return cJSON_IsBool(item_of(j));
}

bool json_is_null(const struct json *j)
{
	return cJSON_IsNull(item_of(j));
}

const struct json *json_get(const struct json *object, const char *name)
{
	return json_is_object(object) ? json_of(cJSON_GetObjectItemCaseSensitive(item_of(object), name)) : NULL;
}

struct json *json_get_mut(struct json *object, const char *name)
{
	return json_is_object(object) ? json_of(cJSON_GetObjectItemCaseSensitive(item_of(object), name)) : NULL;
}

const struct json *json_at(const struct json *array, size_t index)
{
	const struct json *item = json_is_array(array) ? json_first(array) : NULL;

	while (item && index-- > 0)
		item = json_next(item);
	return item;
}

size_t json_count(const struct json *array_or_object)
{
	size_t count = 0;

	for (const struct json *item = json_first(array_or_object); item; item = json_next(item))
		count++;
	return count;
}

const char *json_str(const struct json *object, const char *name, const char *fallback)
{
	const char *text = json_text(json_get(object, name));

	return text ? text : fallback;
}

int64_t json_int(const struct json *object, const char *name, int64_t fallback)
{
	const cJSON *item = item_of(json_get(object, name));

	if (cJSON_IsRaw(item))
		return strtoll(item->valuestring, NULL, 10);
	if (!cJSON_IsNumber(item) || fabs(item->valuedouble) > EXACT_MAX ||
	    item->valuedouble != floor(item->valuedouble))
		return fallback;
	return (int64_t)item->valuedouble;
}

double json_double(const struct json *object, const char *name, double fallback)
{
	const struct json *item = json_get(object, name);

	return json_is_number(item) ? json_number(item) : fallback;
}

bool json_bool(const struct json *object, const char *name, bool fallback)
{
	const struct json *item = json_get(object, name);

	return json_is_bool(item) ? cJSON_IsTrue(item_of(item)) != 0 : fallback;
}

bool json_is_true(const struct json *j)
{
	return cJSON_IsTrue(item_of(j));
}

const char *json_raw(const struct json *j)
{
	return cJSON_IsRaw(item_of(j)) ? item_of(j)->valuestring : NULL;
}

const char *json_text(const struct json *string)
{
	return json_is_string(string) ? item_of(string)->valuestring : NULL;
}

double json_number(const struct json *number)
{
	const cJSON *item = item_of(number);

	if (cJSON_IsRaw(item))
		return strtod(item->valuestring, NULL);
	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

const struct json *json_first(const struct json *array_or_object)
{
	return json_is_array(array_or_object) || json_is_object(array_or_object)
		       ? json_of(item_of(array_or_object)->child)
		       : NULL;
}

const struct json *json_next(const struct json *item)
{
	return item ? json_of(item_of(item)->next) : NULL;
}

const char *json_name(const struct json *member)
{
	return member ? item_of(member)->string : NULL;
}

struct json *json_new_object(void)
{
	use_our_memory();
	return json_of(cJSON_CreateObject());
}

struct json *json_new_array(void)
{
	use_our_memory();
	return json_of(cJSON_CreateArray());
}

struct json *json_new_string(const char *text)
{
	use_our_memory();
	return json_of(cJSON_CreateString(text));
}

int json_set(struct json *object, const char *name, struct json *value)
{
	cJSON *to = item_of(object), *item = item_of(value), *old;

	if (!item || !cJSON_IsObject(to)) {
		cJSON_Delete(item);
		return -1;
	}
	/* Added before the old one goes, so that a failure leaves the object as it was. */
	old = cJSON_GetObjectItemCaseSensitive(to, name);
	if (!cJSON_AddItemToObject(to, name, item)) {
		cJSON_Delete(item);
		return -1;
	}
	if (old) {
		/* It takes the old one's place; both calls only move pointers. */
		cJSON_DetachItemViaPointer(to, item);
		cJSON_ReplaceItemViaPointer(to, old, item);
	}
	return 0;
}

int json_set_str(struct json *object, const char *name, const char *text)
{
	return json_set(object, name, json_of(text ? cJSON_CreateString(text) : cJSON_CreateNull()));
}

int json_set_int(struct json *object, const char *name, int64_t value)
{
	char text[32];

	if (fabs((double)value) <= EXACT_MAX)
		return json_set(object, name, json_of(cJSON_CreateNumber((double)value)));
	snprintf(text, sizeof(text), "%lld", (long long)value);
	return json_set(object, name, json_of(cJSON_CreateRaw(text)));
}

int json_set_double(struct json *object, const char *name, double value)
{
	return json_set(object, name, json_of(cJSON_CreateNumber(value)));
}

int json_set_bool(struct json *object, const char *name, bool value)
{
	return json_set(object, name, json_of(cJSON_CreateBool(value)));
}

int json_append(struct json *array, struct json *value)
{
	cJSON *to = item_of(array), *item = item_of(value);

	if (!item || !cJSON_IsArray(to) || !cJSON_AddItemToArray(to, item)) {
		cJSON_Delete(item);
		return -1;
	}
	return 0;
}

int json_append_str(struct json *array, const char *text)
{
	return json_append(array, json_of(text ? cJSON_CreateString(text) : cJSON_CreateNull()));
}

void json_remove(struct json *object, const char *name)
{
	if (json_is_object(object))
		cJSON_DeleteItemFromObjectCaseSensitive(item_of(object), name);
}

void json_remove_at(struct json *array, size_t index)
{
	struct json *item = json_of(item_of(json_at(array, index)));

	if (item)
		cJSON_Delete(cJSON_DetachItemViaPointer(item_of(array), item_of(item)));
}
