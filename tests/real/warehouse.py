"""A sandbox with a cluster, a role that may read S3, and psycopg2 sessions, for tests of SQL and of loads."""
import json
import time

import psycopg2

from ports import free_port
from sandbox_s3_redshift import Sandbox

REGION = "us-west-2"
USER, PASSWORD, DATABASE = "dwhuser", "Passw0rd1", "dwh"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


class Warehouse(Sandbox):
    """with Warehouse() as w: w.connect() ..."""

    def start(self):
        super().start()
        self.s3 = self.client("s3", REGION)
        self.iam = self.client("iam", REGION)
        self.redshift = self.client("redshift", REGION)
        self.role = self.make_role("copy", READ_ONLY)
        self.database_port = self.make_cluster("dwh", [self.role])

    def make_role(self, name, *policies, service="redshift.amazonaws.com", inline=None):
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        for policy in policies:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        if inline:
            self.iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": inline}))
        return arn

    def make_cluster(self, name, roles):
        ec2 = self.client("ec2", REGION)
        group = ec2.create_security_group(GroupName=name + "-sg", Description="test")["GroupId"]
        port = free_port()
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "127.0.0.1/32"}]}])
        self.redshift.create_cluster(ClusterIdentifier=name, NodeType="ra3.xlplus", ClusterType="single-node",
                                     MasterUsername=USER, MasterUserPassword=PASSWORD, DBName=DATABASE, Port=port,
                                     IamRoles=roles, VpcSecurityGroupIds=[group])
        until = time.monotonic() + 60
        while self.redshift.describe_clusters(ClusterIdentifier=name)["Clusters"][0]["ClusterStatus"] != "available":
            assert time.monotonic() < until, "the cluster does not become available"
            time.sleep(0.1)
        return port

    def connect(self, autocommit=True):
        c = psycopg2.connect(host="127.0.0.1", port=self.database_port, dbname=DATABASE, user=USER, password=PASSWORD,
                             connect_timeout=10)
        c.autocommit = autocommit
        return c

    def bucket(self, name, region=REGION):
        self.client("s3", region).create_bucket(Bucket=name, **(
            {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}))

    def put(self, bucket, key, body):
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)


class Checks:
    """Says what holds and what does not."""

    def __init__(self):
        self.failed = 0

    def equal(self, what, got, wanted):
        if got == wanted:
            print("holds  ", what)
            return
        self.failed += 1
        print("FAILS  ", what, "\n    got   ", repr(got), "\n    wanted", repr(wanted))

    def contains(self, what, got, wanted):
        self.equal(what, got if wanted not in str(got) else wanted, wanted)

    def exit_code(self):
        return 1 if self.failed else 0


def rows(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def error(connection, sql):
    """The error that a statement ends with."""
    try:
        rows(connection, sql)
    except psycopg2.Error as e:
        return e
    return None
