"""What the tests of faults share: one sandbox for many stacks, what is in it, what was asked of it, faults on demand."""

import collections
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from harness import SPARKCTL, Place, Result, free_port

# A background job of a script ignores these, and what it starts would too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

ACCOUNT, REGION = "123456789012", "us-west-2"
INSTANT = os.path.join(os.path.dirname(SPARKCTL), "fault", "instant")
TAG = "sparkctl:stack"
with open(SPARKCTL, "rb") as program:
    SANITIZED = b"__asan_init" in program.read()  # it maps terabytes before it begins


class Lab(Place):
    """A sandbox, started once. Its stacks lie in lanes, which may work at the same time."""

    def __init__(self, env=()):
        super().__init__()
        self.env.update(env)
        self.run("sandbox", "start", "-q")
        e = self.sandbox_env()
        self.endpoint = e["AWS_ENDPOINT_URL"]
        self.port = int(self.endpoint.rsplit(":", 1)[1].rstrip("/"))
        self.keys = Credentials(e["AWS_ACCESS_KEY_ID"], e["AWS_SECRET_ACCESS_KEY"])
        self.clients, self.lock = {}, threading.Lock()

    def client(self, service):
        with self.lock:
            if service not in self.clients:
                self.clients[service] = boto3.session.Session().client(
                    service, region_name=REGION, endpoint_url=self.endpoint, aws_access_key_id=self.keys.access_key,
                    aws_secret_access_key=self.keys.secret_key, config=Config(max_pool_connections=20))
            return self.clients[service]

    def ask(self, method, path, body=b""):
        """A signed call of the sandbox's own; what it answers, as text."""
        request = AWSRequest(method=method, url=self.endpoint.rstrip("/") + path, data=body)
        SigV4Auth(self.keys, "sparkctl", REGION).add_auth(request)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(request.headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {answer.status} {text}")
        return text

    def requests(self, since=0, actions="*"):
        """The record of requests from that number on; those that the lab itself sent are among them."""
        some = f"action={urllib.parse.quote(actions)}&" if actions != "*" else ""
        return [json.loads(line) for line in self.ask("GET", f"/_sparkctl/requests?{some}since={since}").splitlines()]

    def last_request(self):
        return max((r["n"] for r in self.requests()), default=0)

    def faults(self):
        return json.loads(self.ask("GET", "/_sparkctl/faults"))["faults"]

    @contextlib.contextmanager
    def fault(self, *specs):
        """Faults that are there inside a with statement."""
        try:
            for spec in specs:
                self.ask("POST", "/_sparkctl/faults", spec.encode())
            yield
        finally:
            self.ask("DELETE", "/_sparkctl/faults")

    def lane(self, name):
        return Lane(self, name)


class Lane:
    """One stack of the lab, with a port of its own for its cluster."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.env = {**lab.env, "SPARKCTL_DB_PORT": str(free_port()), "SPARKCTL_STACK": name}
        self.state = os.path.join(lab.env["XDG_STATE_HOME"], "sparkctl", ACCOUNT, REGION, name)
        self.journal = os.path.join(self.state, "journal.jsonl")
        self.heard = 0  # of the record of requests

    def run(self, *args, code=0, wrap=(), timeout=240, env=None, **more):
        """wrap: a program that runs sparkctl, with its arguments."""
        env = {**self.env, **(env or {})}
        if wrap:
            env["ASAN_OPTIONS"] = "detect_leaks=0"  # two cannot trace one program
        done = subprocess.run([*wrap, SPARKCTL, *args], cwd=self.lab.work, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace", timeout=timeout, **more)
        result = Result(args, done)
        if code is not None and done.returncode != code:
            raise AssertionError(f"expected exit code {code}\n{result}")
        return result

    def start(self, *args, env=None, **more):
        """In the background."""
        return self.lab.start(*args, env={**self.env, **(env or {})}, **more)

    def mine(self, tags):
        return any(t["Key"] == TAG and t["Value"] == self.name for t in tags or ())

    def there(self):
        """Everything in the sandbox that carries the stack's tag or has a name of its, and in what state it is: equal
        for two stacks that are alike. Each entry is a line, the stack's name in it is a dash."""
        found = [*self.roles(), *self.network(), *self.warehouse(), *self.serverless()]
        return collections.Counter(line.replace(self.name, "-") for line in found)

    def roles(self):
        iam = self.lab.client("iam")
        for role in iam.list_roles()["Roles"]:
            name = role["RoleName"]
            if not name.startswith(self.name):
                continue
            try:
                inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
                managed = [p["PolicyName"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
            except iam.exceptions.NoSuchEntityException:
                continue
            yield f"role {name} {sorted(inline + managed)}"

    def network(self):
        ec2 = self.lab.client("ec2")
        mine = [{"Name": "tag:" + TAG, "Values": [self.name]}]
        for g in ec2.describe_security_groups()["SecurityGroups"]:
            if not g["GroupName"].startswith(self.name) and not self.mine(g["Tags"] if "Tags" in g else ()):
                continue
            yield f"group {g['GroupName']} {[r['IpRanges'][0]['CidrIp'] for r in g['IpPermissions']]}"
        for v in ec2.describe_vpcs(Filters=mine)["Vpcs"]:
            names = ec2.describe_vpc_attribute(VpcId=v["VpcId"], Attribute="enableDnsHostnames")
            yield f"vpc {v['CidrBlock']} names {names['EnableDnsHostnames']['Value']}"
        for s in ec2.describe_subnets(Filters=mine)["Subnets"]:
            yield f"subnet {s['CidrBlock']}"
        for g in ec2.describe_internet_gateways(Filters=mine)["InternetGateways"]:
            yield f"gateway attached to {len(g['Attachments'])}"
        for t in ec2.describe_route_tables(Filters=mine)["RouteTables"]:
            routes = sorted(r["DestinationCidrBlock"] for r in t["Routes"])
            yield f"routes {routes} of {len([a for a in t['Associations'] if a.get('SubnetId')])} subnets"

    def warehouse(self):
        redshift = self.lab.client("redshift")
        for c in redshift.describe_clusters()["Clusters"]:
            if c["ClusterIdentifier"] == self.name or self.mine(c["Tags"]):
                yield (f"cluster {c['ClusterIdentifier']} {c['ClusterStatus']} with {len(c['IamRoles'])} roles, "
                       f"{len(c['VpcSecurityGroups'])} groups, {len([t for t in c['Tags'] if t['Key'] == TAG])} tags")
        for g in redshift.describe_cluster_subnet_groups()["ClusterSubnetGroups"]:
            if g["ClusterSubnetGroupName"].startswith(self.name) or self.mine(g["Tags"]):
                yield f"subnet group {g['ClusterSubnetGroupName']} of {len(g['Subnets'])}"
        for a in redshift.describe_scheduled_actions()["ScheduledActions"]:
            if a["ScheduledActionName"].startswith(self.name):
                yield f"scheduled action {a['ScheduledActionName']} {a['State']}"

    def serverless(self):
        serverless = self.lab.client("redshift-serverless")
        for n in serverless.list_namespaces()["namespaces"]:
            if n["namespaceName"].startswith(self.name):
                yield f"namespace {n['namespaceName']} {n['status']} with {len(n['iamRoles'])} roles"
        for w in serverless.list_workgroups()["workgroups"]:
            if w["workgroupName"].startswith(self.name):
                yield (f"workgroup {w['workgroupName']} {w['status']} of {w['namespaceName']} with "
                       f"{len(w['securityGroupIds'])} groups, {len(w['subnetIds'])} subnets")

    def created(self):
        """{call: times} that made something for this stack, since this was asked last. All of them carry its name."""
        calls = self.lab.requests(self.heard, "Create*")
        self.heard = max((r["n"] for r in calls), default=self.heard)
        mine = (f'"{self.name}"', f'"{self.name}-')
        return collections.Counter(r["action"] for r in calls
                                   if r["status"] == 200 and any(m in json.dumps(r["parameters"]) for m in mine))

    def asked(self, since, mutating=True):
        """Names of the calls that sparkctl sent for this stack alone; tell lanes apart by not using two at a time."""
        return [r for r in self.lab.requests(since) if (r["mutating"] or not mutating) and r["service"] != "sparkctl"]


def difference(found, wanted):
    """What is there too much or too little, for people; empty when nothing."""
    more = [f"too much: {n} x {x}" for x, n in (found - wanted).items()]
    return "\n".join(more + [f"missing: {n} x {x}" for x, n in (wanted - found).items()])
