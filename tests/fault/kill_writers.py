"""What test_kill_loop keeps the daemon busy with: writers of every kind of state, each with a ledger of what was
acknowledged, and the look afterwards whether it is there, whole."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
import botocore.exceptions
import psycopg2
import warehouse
from botocore.client import Config
from botocore.exceptions import ClientError

REGION = warehouse.REGION
BUCKET = "kill"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
GONE = (OSError, http.client.HTTPException, botocore.exceptions.BotoCoreError, psycopg2.OperationalError,
        psycopg2.InterfaceError)  # what a caller sees when the daemon dies; a refusal (ClientError) is none of them
KEPT_ROUNDS = 3  # older keys are deleted by the writers themselves, so that a thousand rounds stay quick


class Ledger:
    """For each key the states that it may be in: one when the last change was acknowledged, more when it was not."""

    def __init__(self):
        self.may = {}
        self.acknowledged = 0

    @contextlib.contextmanager
    def change(self, key, state):
        self.may[key] = self.may.get(key, {None}) | {state}
        yield
        self.may[key] = {state}
        self.acknowledged += 1

    def settle(self, found, what):
        """found: key -> state of all that is there now."""
        for key in set(self.may) | set(found):
            may = self.may.get(key, {None})
            assert found.get(key) in may, "%s '%s' is %r, it may be %r" % (what, key, found.get(key), may)
        self.may = {key: {state} for key, state in found.items()}

    def keys(self):
        """Those that are known to be there."""
        return sorted(key for key, may in self.may.items() if None not in may)


class Writer:
    """write() makes changes until the daemon is gone; check() compares after it has come back."""

    def __init__(self, number=0):
        self.name = "%s%d" % (type(self).__name__.lower(), number)
        self.ledger = Ledger()
        self.failure = None
        self.round = 0
        self.steps = 0

    def begin(self, box):
        """Before the writers of a round start: clients for the daemon's new address."""

    def run(self):
        try:
            while True:
                self.step()
                self.steps += 1
        except GONE:
            return
        except Exception as e:  # told by the loop: a refusal, or a mistake of this test
            self.failure = e


def body_of(text):
    """Small objects, and some that become files of their own."""
    seed = hashlib.sha256(text.encode()).digest()
    return seed * (40000 if seed[0] < 10 else seed[1])


def client(box, service):
    return box.client(service, REGION, config=Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=60,
                                                     s3={"addressing_style": "path"}))


class Objects(Writer):
    """Puts, overwrites, deletes one by one and in batches."""

    def begin(self, box):
        self.box = box

    def send(self, wanted, method, target, body=b"", headers=()):
        status, code, text, _ = self.box.signed(method, target, body, dict(headers))
        if status != wanted:
            raise AssertionError("%s %s: %d %s" % (method, target, status, code))
        return text

    def put(self, key, version):
        with self.ledger.change(key, version):
            self.send(200, "PUT", "/%s/%s" % (BUCKET, key), body_of("%s %d" % (key, version)),
                      {"x-amz-meta-version": str(version)})

    def step(self):
        key = lambda step: "%s/r%d/%d" % (self.name, self.round, step)
        kind, step = self.steps % 5, self.steps
        self.put(key(step), 0)
        if kind == 1:
            self.put(key(step - 1), 1)
        elif kind == 3:
            with self.ledger.change(key(step - 2), None):
                self.send(204, "DELETE", "/%s/%s" % (BUCKET, key(step - 2)))
        elif kind == 4:
            self.drop_old()

    def drop_old(self):
        """A batch is no unit: each of its keys stands for itself."""
        old = [k for k in self.ledger.keys() if int(re.search(r"/r(\d+)/", k).group(1)) <= self.round - KEPT_ROUNDS]
        if not old:
            return
        body = "<Delete><Quiet>true</Quiet>%s</Delete>" % "".join(
            "<Object><Key>%s</Key></Object>" % k for k in old[:900])
        with contextlib.ExitStack() as all_of_them:
            for key in old[:900]:
                all_of_them.enter_context(self.ledger.change(key, None))
            answer = self.send(200, "POST", "/%s?delete" % BUCKET, body.encode(),
                               {"x-amz-checksum-sha256": sha256_base64(body.encode())})
            assert b"<Error>" not in answer, answer

    def check(self, s3, rnd):
        found = {}
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=self.name + "/"):
            for o in page.get("Contents", []):
                found[o["Key"]] = o
        states = {}
        for key, o in found.items():
            for version in sorted(v for v in self.ledger.may.get(key, {0, 1}) if v is not None):
                body = body_of("%s %d" % (key, version))
                if o["ETag"] == '"%s"' % hashlib.md5(body).hexdigest() and o["Size"] == len(body):
                    states[key] = version
            assert key in states, "'%s' is nothing that was put: %s" % (key, o)
        self.ledger.settle(states, "object")
        latest = [k for k in states if "/r%d/" % self.round in k]
        for key in rnd.sample(latest, min(15, len(latest))) + rnd.sample(sorted(states), min(10, len(states))):
            got = s3.get_object(Bucket=BUCKET, Key=key)
            assert got["Body"].read() == body_of("%s %d" % (key, states[key])), key
            assert got["Metadata"] == {"version": str(states[key])}, (key, got["Metadata"])


def sha256_base64(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Uploads(Writer):
    """Uploads in parts: the first is copied from an object of 5 MiB, the last is sent."""
    FIRST = hashlib.sha256(b"first part").digest() * (5 * 1024 * 1024 // 32)

    def begin(self, box):
        self.s3 = client(box, "s3")

    def step(self):
        key = "%s/r%d/%d" % (self.name, self.round, self.steps)
        at = {"Bucket": BUCKET, "Key": key}
        uploads = {**at, "UploadId": self.s3.create_multipart_upload(**at, Metadata={"m": key})["UploadId"]}
        first = self.s3.upload_part_copy(PartNumber=1, CopySource=BUCKET + "/source", **uploads)["CopyPartResult"]
        last = self.s3.upload_part(PartNumber=2, Body=body_of(key), **uploads)
        if self.steps % 4 == 3:
            self.s3.abort_multipart_upload(**uploads)
            return
        with self.ledger.change(key, "whole"):
            self.s3.complete_multipart_upload(MultipartUpload={"Parts": [
                {"PartNumber": 1, "ETag": first["ETag"]}, {"PartNumber": 2, "ETag": last["ETag"]}]}, **uploads)
        for old in [k for k in self.ledger.keys() if k != key][:2]:
            with self.ledger.change(old, None):
                self.s3.delete_object(Bucket=BUCKET, Key=old)

    def check(self, s3, rnd):
        found = {}
        for o in s3.list_objects_v2(Bucket=BUCKET, Prefix=self.name + "/").get("Contents", []):
            got = s3.get_object(Bucket=BUCKET, Key=o["Key"])
            whole = got["Body"].read() == self.FIRST + body_of(o["Key"]) and got["Metadata"] == {"m": o["Key"]}
            found[o["Key"]] = "whole" if whole else "half"
        done = set(self.ledger.keys())
        self.ledger.settle(found, "object of parts")
        for u in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            assert u["Key"] not in done, "the upload of '%s' is there, its completion was acknowledged" % u["Key"]
            s3.abort_multipart_upload(Bucket=BUCKET, Key=u["Key"], UploadId=u["UploadId"])


class Roles(Writer):
    """Roles with tags and policies; each call is whole or nothing."""
    TAGS = [{"Key": "k%d" % i, "Value": "v" * i} for i in range(5)]

    def begin(self, box):
        self.iam = client(box, "iam")

    def step(self):
        name = "%s-r%d-%d" % (self.name, self.round, self.steps)
        policy = lambda version: json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::v%d/*" % version}]})
        with self.ledger.change(name, (None, 0)):
            self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=self.TAGS)
        for version in (1, 2):
            with self.ledger.change(name, (version, 0)):
                self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(version))
        with self.ledger.change(name, (2, 1)):
            self.iam.attach_role_policy(RoleName=name, PolicyArn=warehouse.READ_ONLY)
        old = next((k for k, may in self.ledger.may.items() if k != name and may == {(2, 1)}), None)
        if not old:
            return
        with self.ledger.change(old, (2, 0)):
            self.iam.detach_role_policy(RoleName=old, PolicyArn=warehouse.READ_ONLY)
        with self.ledger.change(old, (None, 0)):
            self.iam.delete_role_policy(RoleName=old, PolicyName="p")
        with self.ledger.change(old, None):
            self.iam.delete_role(RoleName=old)

    def check(self, s3, rnd):
        found = {}
        for page in self.iam.get_paginator("list_roles").paginate():
            for r in page["Roles"]:
                name = r["RoleName"]
                if not name.startswith(self.name + "-"):
                    continue
                assert self.iam.list_role_tags(RoleName=name)["Tags"] == self.TAGS, name
                assert r["AssumeRolePolicyDocument"] == TRUST, name
                version = None
                for p in self.iam.list_role_policies(RoleName=name)["PolicyNames"]:
                    text = json.dumps(self.iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"])
                    version = int(re.search(r":::v(\d)/", text).group(1))
                attached = self.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
                found[name] = (version, len(attached))
        self.ledger.settle(found, "role")
        # A death leaves one in between; finished ones are the writer's to delete.
        for name, (version, attached) in found.items():
            if (version, attached) != (2, 1):
                self.tidy(name, version, attached)

    def tidy(self, name, version, attached):
        if attached:
            self.iam.detach_role_policy(RoleName=name, PolicyArn=warehouse.READ_ONLY)
        if version:
            self.iam.delete_role_policy(RoleName=name, PolicyName="p")
        self.iam.delete_role(RoleName=name)
        self.ledger.may.pop(name)


class Groups(Writer):
    """Security groups with a tag, their rules, and tags of the cluster."""

    def begin(self, box):
        self.ec2 = client(box, "ec2")
        self.redshift = client(box, "redshift")

    def step(self):
        name = "%s-r%d-%d" % (self.name, self.round, self.steps)
        with self.ledger.change(name, 0):
            group = self.ec2.create_security_group(GroupName=name, Description=name, TagSpecifications=[
                {"ResourceType": "security-group", "Tags": [{"Key": "name", "Value": name}]}])["GroupId"]
        with self.ledger.change(name, 2):
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": p, "ToPort": p, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
                for p in (5439, 5440)])
        tag = {"ResourceName": "arn:aws:redshift:%s:123456789012:cluster:dwh" % REGION}
        with self.ledger.change("tag", name):
            self.redshift.create_tags(Tags=[{"Key": "latest", "Value": name}], **tag)
        old = next((k for k, may in self.ledger.may.items() if k not in (name, "tag") and may == {2}), None)
        if old:
            with self.ledger.change(old, None):
                self.ec2.delete_security_group(GroupName=old)

    def check(self, s3, rnd):
        found = {}
        for g in self.ec2.describe_security_groups()["SecurityGroups"]:
            name = g["GroupName"]
            if name.startswith(self.name + "-"):
                assert g["Tags"] == [{"Key": "name", "Value": name}], g
                found[name] = len(g["IpPermissions"])
        tags = self.redshift.describe_clusters(ClusterIdentifier="dwh")["Clusters"][0]["Tags"]
        found.update({"tag": t["Value"] for t in tags})
        self.ledger.settle(found, "security group")
        # Each death may leave one more, and an account has room for so many.
        finished = [n for n, rules in found.items() if n != "tag" and rules]
        for name in [n for n, rules in found.items() if rules == 0] + finished[20:]:
            self.ec2.delete_security_group(GroupName=name)
            self.ledger.may.pop(name)


class Rows(Writer):
    """Transactions of two rows each, committed in a cluster."""

    def begin(self, box):
        self.box = box
        self.session = box.connect(autocommit=False)

    def step(self):
        key = "r%d-%d" % (self.round, self.steps)
        insert = "insert into kept values (%s, 1), (%s, 2)"
        with self.session.cursor() as cursor:
            if self.steps % 6 == 5:  # must not be there, whatever happens
                cursor.execute(insert, (key, key))
                self.session.rollback()
                return
            with self.ledger.change(key, 2):
                cursor.execute(insert, (key, key))
                self.session.commit()

    def check(self, s3, rnd):
        session = self.box.connect()
        found = dict(warehouse.rows(session, "select id, count(*) from kept group by id"))
        self.ledger.settle(found, "transaction")
        warehouse.rows(session, "delete from kept where id not like 'r%d-%%'" % self.round)
        self.ledger.may = {k: v for k, v in self.ledger.may.items() if k.startswith("r%d-" % self.round)}
        session.close()


class Clusters(Writer):
    """A second cluster that comes and goes."""
    BOUND_S = 90

    port = None  # taken once: a port is kept until the test ends

    def begin(self, box):
        self.redshift = client(box, "redshift")
        self.port = self.port or warehouse.free_port()

    def find(self):
        try:
            return self.redshift.describe_clusters(ClusterIdentifier="second")["Clusters"][0]["ClusterStatus"]
        except ClientError as e:
            assert e.response["Error"]["Code"] == "ClusterNotFound", e
            return None

    def wait(self, wanted):
        end = time.monotonic() + self.BOUND_S
        while self.find() != wanted:
            assert time.monotonic() < end, "the second cluster is %s, not %s" % (self.find(), wanted)
            time.sleep(0.05)

    def step(self):
        if self.ledger.keys():
            with self.ledger.change("second", None):
                self.redshift.delete_cluster(ClusterIdentifier="second", SkipFinalClusterSnapshot=True)
            self.wait(None)
        else:
            with self.ledger.change("second", "there"):
                self.redshift.create_cluster(ClusterIdentifier="second", NodeType="ra3.xlplus", Port=self.port,
                                             ClusterType="single-node", MasterUsername="u", DBName="d",
                                             MasterUserPassword=warehouse.PASSWORD)
            self.wait("available")

    def check(self, s3, rnd):
        status = self.find()
        self.ledger.settle({"second": "there"} if status not in (None, "deleting") else {}, "cluster")
        self.wait(None if status in (None, "deleting") else "available")
