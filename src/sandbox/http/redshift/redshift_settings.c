/* Settings of a cluster that ModifyCluster and RestoreFromClusterSnapshot change alike. */
#include "sandbox/http/redshift/redshift.h"

static const struct setting {
	const char *parameter, *member;
	enum { SETTING_BOOL, SETTING_INT, SETTING_TEXT, SETTING_NAME } type;
	int64_t min, max;
	bool light; /* changed at once, with no work */
} settings[] = {
	{ "AutomatedSnapshotRetentionPeriod", "snapshotRetention", SETTING_INT, 0, 35, true },
	{ "ManualSnapshotRetentionPeriod", "manualRetention", SETTING_INT, -1, 3653, true },
	{ "AllowVersionUpgrade", "allowVersionUpgrade", SETTING_BOOL, 0, 0, true },
	{ "PreferredMaintenanceWindow", "maintenanceWindow", SETTING_TEXT, 0, 0, true },
	{ "ClusterParameterGroupName", "parameterGroup", SETTING_NAME, 0, 0, false },
	{ "PubliclyAccessible", "publiclyAccessible", SETTING_BOOL, 0, 0, false },
	{ "EnhancedVpcRouting", "enhancedVpcRouting", SETTING_BOOL, 0, 0, false },
	{ "Encrypted", "encrypted", SETTING_BOOL, 0, 0, false },
	{ "KmsKeyId", "kmsKeyId", SETTING_TEXT, 0, 0, false },
};

bool redshift_setting_is_light(const char *member)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (strcmp(settings[i].member, member) == 0)
			return settings[i].light;
	return false;
}

static int take_one(const struct params *p, const struct setting *s, const char *text, struct json *into,
		    struct err *err)
{
	char name[256];
	int64_t number;
	bool yes;

	switch (s->type) {
	case SETTING_BOOL:
		if (params_bool(p, s->parameter, false, &yes, err) < 0)
			return -1;
		return json_set_bool(into, s->member, yes) < 0 ? err_nomem(err) : 0;
	case SETTING_INT:
		if (params_int(p, s->parameter, 0, s->min, s->max, &number, err) < 0)
			return -1;
		if (number == 0 && s->min < 0)
			return service_error(err, 400, "InvalidRetentionPeriodFault",
					     "The parameter %s must be -1 or from 1 to %lld.", s->parameter,
					     (long long)s->max);
		return json_set_int(into, s->member, number) < 0 ? err_nomem(err) : 0;
	case SETTING_NAME:
		redshift_lower(text, name, sizeof(name));
		return json_set_str(into, s->member, name) < 0 ? err_nomem(err) : 0;
	case SETTING_TEXT:
		break;
	}
	return json_set_str(into, s->member, text) < 0 ? err_nomem(err) : 0;
}

int redshift_take_settings(struct world *w, const struct caller *who, const struct params *p,
			   const struct redshift_node *type, struct json *into, struct err *err)
{
	const char *group = params_get(p, "ClusterParameterGroupName"), *version = params_get(p, "ClusterVersion");
	const char *window = params_get(p, "PreferredMaintenanceWindow");

	if ((group && *group && redshift_check_parameter_group(w, who, group, err) < 0) ||
	    (window && *window && redshift_check_window(window, err) < 0))
		return -1;
	if (version && *version && strcmp(version, "1.0") != 0)
		return service_error(err, 400, "InvalidParameterValue", "Cluster version %.40s does not exist",
				     version);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		const char *text = params_get(p, settings[i].parameter);

		if (text && *text && take_one(p, &settings[i], text, into, err) < 0)
			return -1;
	}
	if (json_get(into, "snapshotRetention") && json_int(into, "snapshotRetention", 0) == 0)
		return redshift_check_retention(type, err);
	return 0;
}
