/* One JSON value into one column: what the server is sent, or why not. Results are read back from the binary rows. */
#include <math.h>
#include <string.h>

#include "sandbox/copy/convert.h"
#include "sandbox/copy/json_scan.h"
#include "unit/cm.h"

/* Converts a value; the field as text of ours: numbers in decimal, numeric as sign, weight and groups, "NULL",
 * or "<code> <reason>". */
static const char *converted(const struct copy_statement *s, const struct copy_column *col, const char *json)
{
	static char out[600];
	struct copy_convert c;
	struct copy_value v;
	struct copy_problem p;
	struct buf row;
	const char *pos = json;
	char copy[600];
	const unsigned char *f;
	int64_t n = 0;
	int len;

	snprintf(copy, sizeof copy, "%s ", json);
	pos = copy;
	assert_int_equal(json_scan_value(&pos, copy + strlen(copy), 0, &v), JSON_SCAN_OK);
	copy_convert_init(&c, s);
	buf_init(&row, BUF_MAX_DEFAULT);
	if (copy_convert_field(&c, col, &v, &row, &p) < 0) {
		snprintf(out, sizeof out, "%d %s", p.code, p.reason);
		goto done;
	}
	f = (const unsigned char *)row.data;
	len = (int)((unsigned)f[0] << 24 | (unsigned)f[1] << 16 | (unsigned)f[2] << 8 | f[3]);
	assert_int_equal(row.len, len < 0 ? 4 : 4 + len);
	for (int i = 0; i < len && i < 8; i++)
		n = (int64_t)((uint64_t)n << 8 | f[4 + i]);
	if (len < 0) {
		snprintf(out, sizeof out, "NULL");
	} else if (col->type == COPY_NUMERIC) {
		int used = snprintf(out, sizeof out, "%s%d.%d:", f[8] ? "-" : "", (int16_t)(f[6] << 8 | f[7]), f[11]);

		for (int g = 12; g < 4 + len; g += 2)
			used += snprintf(out + used, sizeof out - (size_t)used, " %d", f[g] << 8 | f[g + 1]);
	} else if (col->type == COPY_FLOAT8) {
		double d;

		memcpy(&d, &n, sizeof d);
		snprintf(out, sizeof out, "%.17g", d);
	} else if (col->type == COPY_VARCHAR || col->type == COPY_CHAR) {
		snprintf(out, sizeof out, "%.*s", len, row.data + 4);
	} else {
		if (len == 4)
			n = (int32_t)n;
		if (len == 2)
			n = (int16_t)n;
		snprintf(out, sizeof out, "%lld", (long long)n);
	}
done:
	buf_clear(&row);
	copy_convert_clear(&c);
	return out;
}

static const struct copy_statement plain = { .replacement = '?' };
static const struct copy_column int2 = { .type = COPY_INT2 }, int4 = { .type = COPY_INT4 },
				int8 = { .type = COPY_INT8 };
static const struct copy_column float8 = { .type = COPY_FLOAT8 }, boolean = { .type = COPY_BOOL };
static const struct copy_column whole = { .type = COPY_NUMERIC, .precision = 18 };
static const struct copy_column money = { .type = COPY_NUMERIC, .precision = 8, .scale = 3 };
static const struct copy_column text5 = { .type = COPY_VARCHAR, .max_bytes = 5 };
static const struct copy_column text = { .type = COPY_VARCHAR, .max_bytes = 256 };
static const struct copy_column char3 = { .type = COPY_CHAR, .max_bytes = 3 };
static const struct copy_column date = { .type = COPY_DATE }, timestamp = { .type = COPY_TIMESTAMP };
static const struct copy_column timestamptz = { .type = COPY_TIMESTAMPTZ };

struct example {
	const struct copy_column *column;
	const char *json, *wanted;
};

static void check(const struct copy_statement *s, const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = converted(s, examples[i].column, examples[i].json);

		if (strcmp(got, examples[i].wanted) != 0)
			fail_msg("%s: wanted '%s', got '%s'", examples[i].json, examples[i].wanted, got);
	}
}

static void integers_load_from_numbers_and_texts(void **state)
{
	static const struct example examples[] = {
		{ &int4, "39", "39" },
		{ &int4, "\"39\"", "39" },
		{ &int4, "\" -7 \"", "-7" },
		{ &int4, "\"\"", "NULL" },
		{ &int4, "\"  \"", "NULL" },
		{ &int4, "null", "NULL" },
		{ &int8, "1540919166796.0", "1540919166796" },
		{ &int8, "1.540919166796E12", "1540919166796" },
		{ &int4, "12e-1", "1207 Invalid digit, Value '1', Pos 0, Type: Integer" },
		{ &int4, "1.5", "1207 Invalid digit, Value '.', Pos 1, Type: Integer" },
		{ &int4, "\"a\"", "1207 Invalid digit, Value 'a', Pos 0, Type: Integer" },
		{ &int2, "\"-\"", "1207 Invalid digit, Value '', Pos 1, Type: Short" },
		{ &int8, "true", "1207 Invalid digit, Value 't', Pos 0, Type: Long" },
		{ &int4, "[1]", "1207 Invalid digit, Value '[', Pos 0, Type: Integer" },
		{ &int2, "32767", "32767" },
		{ &int2, "-32768", "-32768" },
		{ &int2, "32768", "1216 Overflow, Column type: Short" },
		{ &int4, "2147483648", "1216 Overflow, Column type: Integer" },
		{ &int8, "9223372036854775807", "9223372036854775807" },
		{ &int8, "-9223372036854775808", "-9223372036854775808" },
		{ &int8, "9223372036854775808", "1216 Overflow, Column type: Long" },
		{ &int8, "1e400", "1216 Overflow, Column type: Long" },
		{ &int8, "0e400", "0" },
	};

	(void)state;
	check(&plain, examples, COUNT_OF(examples));
}

/* weight.scale: groups of four digits */
static void decimals_are_cut_off_and_not_rounded(void **state)
{
	static const struct copy_statement round = { .round_decimals = true };
	static const struct example cut[] = {
		{ &whole, "478.9024", "0.0: 478" },
		{ &whole, "\"12345678\"", "1.0: 1234 5678" },
		{ &whole, "0.9", "0.0:" },
		{ &whole, "-0.9", "0.0:" },
		{ &whole, "-100000", "-1.0: 10" },
		{ &whole, "1e3", "0.0: 1000" },
		{ &whole, "1e17", "4.0: 10" },
		{ &whole, "1e18", "1216 Overflow, Column type: Decimal" },
		{ &money, "1.0059", "0.3: 1 50" },
		{ &money, "0.001", "-1.3: 10" },
		{ &money, "99999.9999", "1.3: 9 9999 9990" },
		{ &money, "100000", "1216 Overflow, Column type: Decimal" },
		{ &money, "\"1,5\"", "1207 Invalid digit, Value ',', Pos 1, Type: Decimal" },
		{ &money, "\"\"", "NULL" },
	};
	static const struct example rounded[] = {
		{ &whole, "478.9024", "0.0: 479" },
		{ &whole, "0.5", "0.0: 1" },
		{ &whole, "9999.5", "1.0: 1" },
		{ &money, "1.0055", "0.3: 1 60" },
		{ &money, "-0.0005", "--1.3: 10" },
		{ &money, "0.0004", "0.3:" },
		{ &money, "99999.9999", "1216 Overflow, Column type: Decimal" },
	};

	(void)state;
	check(&plain, cut, COUNT_OF(cut));
	check(&round, rounded, COUNT_OF(rounded));
}

static void doubles_and_truths(void **state)
{
	static const struct example examples[] = {
		{ &float8, "193.07057", "193.07057" },
		{ &float8, "-0.1", "-0.10000000000000001" },
		{ &float8, "1e308", "1e+308" },
		{ &float8, "123456789012345678", "1.2345678901234568e+17" },
		{ &float8, "\"\"", "NULL" },
		{ &float8, "1e999", "1216 Overflow, Column type: Double" },
		{ &float8, "\"NaN\"", "nan" },
		{ &float8, "\"1e\"", "1208 Invalid digit, Value 'e', Pos 1, Type: Double" },
		{ &boolean, "true", "1" },
		{ &boolean, "\"F\"", "0" },
		{ &boolean, "1", "1" },
		{ &boolean, "\"No\"", "0" },
		{ &boolean, "\"maybe\"", "1210 Unknown boolean format" },
	};

	(void)state;
	check(&plain, examples, COUNT_OF(examples));
}

static void texts_are_unescaped_and_counted_in_bytes(void **state)
{
	static const struct copy_statement cut = { .truncate_columns = true };
	static const struct copy_statement nulls = { .blanks_as_null = true };
	static const struct copy_statement empty = { .empty_as_null = true, .trim_blanks = true };
	static const struct copy_statement lenient = { .accept_inv_chars = true, .replacement = '^' };
	static const struct example loose[] = {
		{ &text, "\"a\\/b \\\"c\\\" \\u00e9\\n\\uD83D\\uDE00\"", "a/b \"c\" \xC3\xA9\n\xF0\x9F\x98\x80" },
		{ &text, "1540919166796.0", "1540919166796.0" },
		{ &text, "246.30812", "246.30812" },
		{ &text, "false", "false" },
		{ &text, "\"\"", "" },
		{ &text, "{ \"a\" : [ 1, \" x \" ] }", "{\"a\":[1,\" x \"]}" },
		{ &text5, "\"12345\"", "12345" },
		{ &text5, "\"123456\"", "1204 String length exceeds DDL length" },
		{ &text5, "\"\xC3\xA4\xC3\xA4\xC3\xA4\"", "1204 String length exceeds DDL length" },
		{ &text, "\"\\ud800\"", "1220 String contains invalid or unsupported UTF8 codepoints." },
		{ &text, "\"\\u0000\"", "1220 String contains invalid or unsupported UTF8 codepoints." },
		{ &text, "\"a\xC3\"",
		  "1220 String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: c3 (error 3)" },
		{ &char3, "\"abc  \"", "abc" },
		{ &char3, "\"abcd\"", "1204 Char length exceeds DDL length" },
		{ &char3, "\"\xC3\xA4\"",
		  "1215 Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: c3" },
	};
	static const struct example truncated[] = { { &text5, "\"123456\"", "12345" },
						    { &text5, "\"\xC3\xA4\xC3\xA4\xC3\xA4\"", "\xC3\xA4\xC3\xA4" } };
	static const struct example blank[] = { { &text, "\"  \"", "NULL" },
						{ &text, "\"\"", "NULL" },
						{ &text, "\" a\"", " a" } };
	static const struct example emptied[] = { { &text, "\"\"", "NULL" }, { &text, "\"a  \"", "a" } };
	static const struct example replaced[] = { { &text, "\"a\xC3z\xFF\xFE\"", "a^z^^" },
						   { &text, "\"a\\n\xC3\"", "a\n^" } };

	(void)state;
	check(&plain, loose, COUNT_OF(loose));
	check(&cut, truncated, COUNT_OF(truncated));
	check(&nulls, blank, COUNT_OF(blank));
	check(&empty, emptied, COUNT_OF(emptied));
	check(&lenient, replaced, COUNT_OF(replaced));
}

/* Microseconds and days since 2000-01-01. */
static void days_and_times(void **state)
{
	static const struct copy_statement epoch_ms = { .time_format = (char *)"epochmillisecs" };
	static const struct copy_statement epoch_s = { .time_format = (char *)"epochsecs" };
	static const struct copy_statement automatic = { .time_format = (char *)"auto", .date_format = (char *)"auto" };
	static const struct copy_statement own = { .time_format = (char *)"DD.MM.YY HH12:MI AM",
						   .date_format = (char *)"MM/DD/YYYY",
						   .accept_any_date = true };
	static const struct example standard[] = {
		{ &timestamp, "\"2000-01-01 00:00:01\"", "1000000" },
		{ &timestamp, "\"2000-01-01 00:00:01.5\"", "1500000" },
		{ &timestamp, "\"2000-01-02\"", "86400000000" },
		{ &timestamp, "\"1999-12-31 23:59:59+02\"", "-1000000" },
		{ &timestamptz, "\"2000-01-01 02:00:00+02\"", "0" },
		{ &timestamp, "\"2000-13-01 00:00:00\"",
		  "1206 Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]" },
		{ &timestamp, "\"\"", "NULL" },
		{ &date, "\"2000-02-29\"", "59" },
		{ &date, "\"1970-01-01\"", "-10957" },
		{ &date, "\"2000-03-01 10:00:00\"", "60" },
		{ &date, "\"2001-02-29\"", "1205 Invalid date format or value [YYYY-MM-DD]" },
		{ &date, "\"2000-1\"", "1205 Invalid date format - length must be 10 or more" },
	};
	static const struct example ms[] = {
		{ &timestamp, "946684800001", "1000" },
		{ &timestamp, "\"946684800001.0\"", "1000" },
		{ &timestamp, "\"x\"", "1206 Invalid timestamp format or value [epochmillisecs]" },
	};
	static const struct example seconds[] = { { &timestamp, "946684801", "1000000" } };
	static const struct example any[] = {
		{ &timestamp, "\"2019-02-11T05:09:12.195Z\"", "603176952195000" },
		{ &timestamp, "\"20000101 000001\"", "1000000" },
		{ &timestamp, "\"01/02/2000 00:00:01.5\"", "86401500000" },
		{ &timestamp, "\"02.01.2000 00:00:00\"", "86400000000" },
		{ &timestamp, "\"2 Jan 00:00:01 2000 UTC\"", "86401000000" },
		{ &date, "\"Jan-02-2000\"", "1" },
	};
	static const struct example patterns[] = { { &timestamp, "\"02.01.00 01:30 pm\"", "135000000000" },
						   { &date, "\"03/01/2000\"", "60" },
						   { &date, "\"nonsense\"", "NULL" } };

	(void)state;
	check(&plain, standard, COUNT_OF(standard));
	check(&epoch_ms, ms, COUNT_OF(ms));
	check(&epoch_s, seconds, COUNT_OF(seconds));
	check(&automatic, any, COUNT_OF(any));
	check(&own, patterns, COUNT_OF(patterns));
}

static void a_missing_value_fails_where_null_is_not_allowed(void **state)
{
	static const struct copy_column needed = { .type = COPY_INT4, .not_null = true };

	(void)state;
	assert_string_equal(converted(&plain, &needed, "null"), "1213 Missing data for not-null field");
	assert_string_equal(converted(&plain, &needed, "\"\""), "1213 Missing data for not-null field");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_load_from_numbers_and_texts),
		cmocka_unit_test(decimals_are_cut_off_and_not_rounded),
		cmocka_unit_test(doubles_and_truths),
		cmocka_unit_test(texts_are_unescaped_and_counted_in_bytes),
		cmocka_unit_test(days_and_times),
		cmocka_unit_test(a_missing_value_fails_where_null_is_not_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
