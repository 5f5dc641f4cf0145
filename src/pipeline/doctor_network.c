#include "pipeline/doctor_checks.h"
#include "pipeline/network.h"

/* The stack's own network, which its tag alone tells from others. */
int check_network(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		  struct err *err)
{
	struct run *r = d->run;
	struct network_vpcs v;

	(void)self;
	(void)facts;
	if (network_list_vpcs(r, "", &v, err) < 0)
		return -1;
	if (v.count == 0)
		return CHECK_NOT_HERE;
	if (v.count == 1)
		return finding_ok(f, "VPC '%s' is the stack's own", v.items[0].id);
	finding_warn(f, "%zu VPCs carry the stack's tag: '%s' is used, '%s' %s", v.count, v.items[0].id, v.items[1].id,
		     v.items[1].parts ? "holds parts of the stack as well" : "is empty");
	if (v.items[1].parts)
		return finding_mend(f, "sparkctl down %s removes all of them, then sparkctl up %s", d->operands,
				    d->operands);
	if (network_is_own(r) && network_may_be_unheard(r, EC2_VPC))
		return finding_mend(f, "sparkctl up %s deletes what a run that was cut off has left", d->operands);
	return finding_mend(f, "aws ec2 delete-vpc --region %s --vpc-id %s (it is refused while anything is in it)",
			    aws_client_region(r->aws), v.items[1].id);
}
