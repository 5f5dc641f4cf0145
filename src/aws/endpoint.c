#include "aws/endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "spark/base/url.h"

/* IAM is one per partition, and has a name of its own in each.
 * Source: botocore, partitions.json, and the endpoint-rule-set-1.json of iam, sts, ec2, redshift and s3. */
static const struct partition {
	const char *region_prefix, *name;
	const char *dns_suffix, *dual_suffix; /* "": no dual-stack there */
	const char *iam_region, *iam, *iam_dual, *iam_fips, *iam_fips_dual;
	bool fips_is_plain; /* sts, ec2, redshift: the usual hosts are FIPS hosts */
	bool s3_fips;
} partitions[] = {
	{ "cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1",
	  "iam.cn-north-1.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn", "", "", false, false },
	{ "us-gov-", "aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1", "iam.us-gov.amazonaws.com",
	  "iam.us-gov.api.aws", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws", true, true },
	{ "us-iso-", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1", "iam.us-iso-east-1.c2s.ic.gov",
	  "iam.api.aws.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov", "iam-fips.api.aws.ic.gov", false, true },
	{ "us-isob-", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1",
	  "iam.us-isob-east-1.sc2s.sgov.gov", "iam.api.aws.scloud", "iam-fips.us-isob-east-1.sc2s.sgov.gov",
	  "iam-fips.api.aws.scloud", false, true },
	{ "eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "", "eu-isoe-west-1", "iam.eu-isoe-west-1.cloud.adc-e.uk", "",
	  "iam-fips.cloud.adc-e.uk", "", false, true },
	{ "us-isof-", "aws-iso-f", "csp.hci.ic.gov", "", "us-isof-south-1", "iam.us-isof-south-1.csp.hci.ic.gov", "",
	  "iam-fips.csp.hci.ic.gov", "", false, true },
	{ "eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1",
	  "iam.eusc-de-east-1.amazonaws.eu", "iam.api.amazonwebservices.eu", "iam-fips.amazonaws.eu",
	  "iam-fips.api.amazonwebservices.eu", false, true },
	{ "", "aws", "amazonaws.com", "api.aws", "us-east-1", "iam.amazonaws.com", "iam.global.api.aws",
	  "iam-fips.amazonaws.com", "iam-fips.global.api.aws", false, true },
};

static const struct partition *partition_of(const char *region)
{
	size_t last = sizeof(partitions) / sizeof(partitions[0]) - 1;

	for (size_t i = 0; i < last; i++)
		if (strncmp(region, partitions[i].region_prefix, strlen(partitions[i].region_prefix)) == 0)
			return &partitions[i];
	return &partitions[last];
}

const char *endpoint_partition(const char *region)
{
	return partition_of(region)->name;
}

int endpoint_check_region(const char *region, struct err *err)
{
	size_t len = region ? strlen(region) : 0;
	bool ok = len > 0 && len < 64;

	for (size_t i = 0; ok && i < len; i++)
		ok = islower((unsigned char)region[i]) || isdigit((unsigned char)region[i]) || region[i] == '-';
	if (ok)
		return 0;
	err_set(err, ERR_CONFIG, "'%.64s' is no region", region ? region : "");
	return err_hint(err, "a region's name looks like us-west-2");
}

/* The Host header as HTTP wants it: the port only where it is not the scheme's. */
static int set_host(struct address *a, struct err *err)
{
	struct url u = { 0 };
	bool v6, standard;

	if (url_parse(&u, a->base, err) != 0)
		return -1;
	v6 = strchr(u.host, ':') != NULL;
	standard = u.port == (strcmp(u.scheme, "https") == 0 ? 443 : 80);
	snprintf(a->target, sizeof(a->target), "%s%s%s:%d", v6 ? "[" : "", u.host, v6 ? "]" : "", u.port);
	if (standard)
		snprintf(a->host, sizeof(a->host), "%s%s%s", v6 ? "[" : "", u.host, v6 ? "]" : "");
	else
		snprintf(a->host, sizeof(a->host), "%s", a->target);
	url_clear(&u);
	return 0;
}

int endpoint_from_url(const char *url, struct address *out, struct err *err)
{
	struct address a = { .bucket_in_path = true };
	struct url u = { 0 };
	size_t len;

	if (url_parse(&u, url, err) != 0)
		return err_wrap(err, "the endpoint cannot be used");
	len = u.path ? strlen(u.path) : 0;
	bool plain = len == 0 || strcmp(u.path, "/") == 0;
	url_clear(&u);
	if (!plain) {
		err_set(err, ERR_CONFIG, "the endpoint '%s' has a path", url);
		return err_hint(err, "an endpoint is scheme, host and port, like http://127.0.0.1:4566");
	}
	len = strlen(url) - len;
	if (len >= sizeof(a.base))
		return err_set(err, ERR_CONFIG, "the endpoint is longer than %zu bytes", sizeof(a.base) - 1);
	memcpy(a.base, url, len);
	if (set_host(&a, err) != 0)
		return -1;
	*out = a;
	return 0;
}

/* One label of a host's name: dots would leave the certificate's wildcard, other bytes the name itself. */
static bool bucket_is_label(const char *bucket)
{
	size_t len = strlen(bucket);

	if (len < 3 || len > 63 || bucket[0] == '-' || bucket[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!islower((unsigned char)bucket[i]) && !isdigit((unsigned char)bucket[i]) && bucket[i] != '-')
			return false;
	return true;
}

static int none_there(const struct partition *p, const struct endpoint_wish *w, struct err *err)
{
	err_set(err, ERR_CONFIG, "partition '%s' has no %s%s%s endpoint of %s", p->name, w->fips ? "FIPS" : "",
		w->fips && w->dualstack ? " and " : "", w->dualstack ? "dual-stack" : "", w->service);
	return err_hint(err, "unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT (in a profile: "
			     "use_fips_endpoint, use_dualstack_endpoint), or give an endpoint");
}

static int iam_address(const struct partition *p, const struct endpoint_wish *w, struct address *a, struct err *err)
{
	const char *host = w->fips        ? w->dualstack ? p->iam_fips_dual : p->iam_fips
			   : w->dualstack ? p->iam_dual
					  : p->iam;

	if (!host[0])
		return none_there(p, w, err);
	snprintf(a->base, sizeof(a->base), "https://%s", host);
	snprintf(a->region, sizeof(a->region), "%s", p->iam_region);
	return 0;
}

static int s3_address(const struct partition *p, const struct endpoint_wish *w, struct address *a, struct err *err)
{
	bool label = w->bucket && bucket_is_label(w->bucket);

	if (w->fips && !p->s3_fips)
		return none_there(p, w, err);
	a->bucket_in_path = w->bucket && !label;
	snprintf(a->base, sizeof(a->base), "https://%s%ss3%s%s.%s.%s", label ? w->bucket : "", label ? "." : "",
		 w->fips ? "-fips" : "", w->dualstack ? ".dualstack" : "", w->region, p->dns_suffix);
	return 0;
}

static bool is_plain_fips(const struct partition *p, const struct endpoint_wish *w)
{
	static const char *const services[] = { "sts", "ec2", "redshift", "portal.sso" };

	if (!p->fips_is_plain || w->dualstack)
		return false;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i], w->service) == 0)
			return true;
	return false;
}

int endpoint_of_service(const struct endpoint_wish *w, struct address *out, struct err *err)
{
	const struct partition *p = partition_of(w->region);
	struct address a = { 0 };
	int rc = 0;

	snprintf(a.region, sizeof(a.region), "%s", w->region);
	if (w->dualstack && !p->dual_suffix[0])
		rc = none_there(p, w, err);
	else if (strcmp(w->service, "iam") == 0)
		rc = iam_address(p, w, &a, err);
	else if (strcmp(w->service, "s3") == 0)
		rc = s3_address(p, w, &a, err);
	else
		snprintf(a.base, sizeof(a.base), "https://%s%s.%s.%s", w->service,
			 w->fips && !is_plain_fips(p, w) ? "-fips" : "", w->region,
			 w->dualstack ? p->dual_suffix : p->dns_suffix);
	if (rc != 0 || set_host(&a, err) != 0)
		return -1;
	*out = a;
	return 0;
}
