/* What a sandbox has none of and cannot make. Tools that read an account, or tidy it up, ask for all of it: they are
 * told that there is none, and that what they name is not there. */
#include "sandbox/http/redshift/redshift.h"

static const struct nothing {
	const char *action, *list;
	const char *parameter, *code, *noun; /* NULL: none is named */
	int status;
} nothings[] = {
	{ "DescribeAuthenticationProfiles", "AuthenticationProfiles", "AuthenticationProfileName",
	  "AuthenticationProfileNotFoundFault", "Authentication profile", 404 },
	{ "DescribeClusterSecurityGroups", "ClusterSecurityGroups", "ClusterSecurityGroupName",
	  "ClusterSecurityGroupNotFound", "Cluster security group", 404 },
	{ "DescribeDataShares", "DataShares", "DataShareArn", "InvalidDataShareFault", "Datashare", 400 },
	{ "DescribeDataSharesForConsumer", "DataShares", NULL, NULL, NULL, 0 },
	{ "DescribeDataSharesForProducer", "DataShares", NULL, NULL, NULL, 0 },
	{ "DescribeEndpointAccess", "EndpointAccessList", "EndpointName", "EndpointNotFound", "Endpoint", 404 },
	{ "DescribeEndpointAuthorization", "EndpointAuthorizationList", NULL, NULL, NULL, 0 },
	{ "DescribeEventSubscriptions", "EventSubscriptionsList", "SubscriptionName", "SubscriptionNotFound",
	  "Event subscription", 404 },
	{ "DescribeHsmClientCertificates", "HsmClientCertificates", "HsmClientCertificateIdentifier",
	  "HsmClientCertificateNotFoundFault", "HSM client certificate", 400 },
	{ "DescribeHsmConfigurations", "HsmConfigurations", "HsmConfigurationIdentifier",
	  "HsmConfigurationNotFoundFault", "HSM configuration", 400 },
	{ "DescribePartners", "PartnerIntegrationInfoList", NULL, NULL, NULL, 0 },
	{ "DescribeReservedNodes", "ReservedNodes", "ReservedNodeId", "ReservedNodeNotFound", "Reserved node", 404 },
	{ "DescribeSnapshotCopyGrants", "SnapshotCopyGrants", "SnapshotCopyGrantName", "SnapshotCopyGrantNotFoundFault",
	  "Snapshot copy grant", 400 },
	/* Of a schedule that it does not have, AWS answers with an empty list. */
	{ "DescribeSnapshotSchedules", "SnapshotSchedules", NULL, NULL, NULL, 0 },
	{ "DescribeTableRestoreStatus", "TableRestoreStatusDetails", "TableRestoreRequestId",
	  "TableRestoreNotFoundFault", "Table restore request", 400 },
	{ "DescribeUsageLimits", "UsageLimits", "UsageLimitId", "UsageLimitNotFound", "Usage limit", 404 },
};

REDSHIFT_HANDLER(redshift_describe_none)
{
	const char *action = params_get(p, "Action"), *name = params_get(p, "ClusterIdentifier");
	const struct nothing *n = NULL;

	for (size_t i = 0; !n && i < sizeof(nothings) / sizeof(*nothings); i++)
		if (strcmp(nothings[i].action, action) == 0)
			n = &nothings[i];
	if (!n)
		return err_set(err, ERR_BUG, "no list for the action '%s'", action);
	if (name && *name && !redshift_find(w, who, p, err))
		return -1;
	name = n->parameter ? params_get(p, n->parameter) : NULL;
	if (name && *name)
		return service_error(err, n->status, n->code, "%s %.255s not found.", n->noun, name);
	xml_open(out, n->list);
	xml_close(out, n->list);
	return buf_check(out, "reply", err);
}

/* Snapshots are copied to no other region. */
REDSHIFT_HANDLER(redshift_disable_snapshot_copy)
{
	const struct json *cluster = redshift_find(w, who, p, err);

	(void)out;
	if (!cluster)
		return -1;
	return service_error(err, 400, "SnapshotCopyAlreadyDisabledFault",
			     "Snapshot copy is already disabled for cluster %s.", json_str(cluster, "id", ""));
}

/* AWS retired AQUA: it takes the call and says "auto", whatever is asked for. */
REDSHIFT_HANDLER(redshift_modify_aqua)
{
	const char *asked = params_get(p, "AquaConfigurationStatus");

	if (!redshift_find(w, who, p, err) || redshift_check_aqua(asked, err) < 0)
		return -1;
	xml_open(out, "AquaConfiguration");
	xml_element(out, "AquaStatus", "disabled");
	xml_element(out, "AquaConfigurationStatus", "auto");
	xml_close(out, "AquaConfiguration");
	return buf_check(out, "reply", err);
}
