#include "sandbox/http/ec2/ec2.h"

/* Resources of EC2 that the sandbox has none of and cannot make. Scripts that clean a network up ask for them first:
 * they are told that there are none, whatever the filters, and that an id which they name does not exist. */
static const struct nothing {
	const char *action, *set, *id_param, *not_found, *noun;
} nothings[] = {
	{ "DescribeInstances", "reservationSet", "InstanceId", "InvalidInstanceID.NotFound", "instance ID" },
	{ "DescribeNatGateways", "natGatewaySet", "NatGatewayId", "NatGatewayNotFound", "NatGateway" },
	{ "DescribeVpcEndpoints", "vpcEndpointSet", "VpcEndpointId", "InvalidVpcEndpointId.NotFound",
	  "Vpc Endpoint Id" },
	{ "DescribeVpcPeeringConnections", "vpcPeeringConnectionSet", "VpcPeeringConnectionId",
	  "InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection ID" },
	{ "DescribeVpnGateways", "vpnGatewaySet", "VpnGatewayId", "InvalidVpnGatewayID.NotFound", "vpnGateway ID" },
	{ "DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewaySet", "EgressOnlyInternetGatewayId",
	  "InvalidGatewayID.NotFound", "egressOnlyInternetGateway ID" },
	{ "DescribeCarrierGateways", "carrierGatewaySet", "CarrierGatewayId", "InvalidCarrierGatewayID.NotFound",
	  "carrier gateway ID" },
	{ "DescribeCustomerGateways", "customerGatewaySet", "CustomerGatewayId", "InvalidCustomerGatewayID.NotFound",
	  "customerGateway ID" },
	{ "DescribeFlowLogs", "flowLogSet", "FlowLogId", "InvalidFlowLogId.NotFound", "flow log ID" },
	{ "DescribeKeyPairs", "keySet", "KeyName", "InvalidKeyPair.NotFound", "key pair" },
	{ "DescribeLaunchTemplates", "launchTemplates", "LaunchTemplateId", "InvalidLaunchTemplateId.NotFound",
	  "launch template ID" },
	{ "DescribeTransitGatewayVpcAttachments", "transitGatewayVpcAttachments", "TransitGatewayAttachmentIds",
	  "InvalidTransitGatewayAttachmentID.NotFound", "transit gateway attachment ID" },
	{ "DescribeVolumes", "volumeSet", "VolumeId", "InvalidVolume.NotFound", "volume" },
	{ "DescribeVpnConnections", "vpnConnectionSet", "VpnConnectionId", "InvalidVpnConnectionID.NotFound",
	  "vpnConnection ID" },
	{ "DescribeAddresses", "addressesSet", "AllocationId", "InvalidAllocationID.NotFound", "allocation ID" },
};

EC2_HANDLER(ec2_describe_none)
{
	const char *action = params_get(p, "Action"), *id;

	(void)w;
	(void)who;
	for (size_t i = 0; i < sizeof(nothings) / sizeof(*nothings); i++) {
		const struct nothing *n = &nothings[i];

		if (strcmp(n->action, action))
			continue;
		id = params_getf(p, "%s.1", n->id_param);
		if (id)
			return service_error(err, 400, n->not_found, "The %s '%.60s' does not exist", n->noun, id);
		xml_open(out, n->set);
		xml_close(out, n->set);
		return 0;
	}
	return err_set(err, ERR_BUG, "no list for the action '%s'", action);
}
