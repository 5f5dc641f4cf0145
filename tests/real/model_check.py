"""Holds raw replies against the service models that botocore ships.

    client = model_check.watch(boto3.client(...))

From then on each reply that the client gets, refusals included, must be what the model says: no element or member
that the model does not have, the required ones there, numbers, times, booleans and enumerations as they are written.
A reply that differs raises AssertionError from the call itself. `seen` counts the operations that were checked,
`outcomes` what they came to.
Knows the protocols query, ec2, rest-xml, rest-json and json.
"""
import base64
import collections
import json
import re
import xml.etree.ElementTree

import botocore.utils

seen = collections.Counter()
outcomes = collections.Counter()  # (service, operation, "" or the error's code)

# What AWS answers and later models know, though the one of Debian's botocore does not: (service, shape) -> members.
NEWER = {
    ("ec2", "CreateSecurityGroupResult"): {"securityGroupArn"},
    ("ec2", "SecurityGroup"): {"securityGroupArn"},
    ("ec2", "SecurityGroupRule"): {"securityGroupRuleArn"},
    ("ec2", "AvailabilityZone"): {"groupLongName"},
    ("ec2", "RevokeSecurityGroupIngressResult"): {"revokedSecurityGroupRuleSet"},
    ("ec2", "RevokeSecurityGroupEgressResult"): {"revokedSecurityGroupRuleSet"},
    ("ec2", "DeleteSecurityGroup"): {"return", "groupId"},
    ("redshift", "Cluster"): {"MultiAZ"},
    ("redshift", "Snapshot"): {"SnapshotArn"},
    ("s3", "Bucket"): {"BucketRegion"},
    ("s3", "Checksum"): {"ChecksumCRC64NVME", "ChecksumType"},
    ("s3", "CompleteMultipartUploadOutput"): {"ChecksumCRC64NVME", "ChecksumType"},
    ("s3", "ListBucketsOutput"): {"Prefix", "ContinuationToken"},
}
# What AWS answers though no model lists it: (service, shape of an enumeration) -> values.
UNLISTED = {
    ("ec2", "AttachmentStatus"): {"available"},  # an attached internet gateway
    ("s3", "ObjectVersionStorageClass"): {"DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA",
                                          "REDUCED_REDUNDANCY", "STANDARD_IA"},
    # of the account's summary, as in the example of `aws iam get-account-summary help`
    ("iam", "summaryKeyType"): {"Roles", "RolesQuota", "AssumeRolePolicySizeQuota", "RolePolicySizeQuota"},
}
# EC2 answers so to calls that have no output by the model.
EC2_VOID = {"return", "requestId"}
ISO_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"


def watch(client):
    """Checks every reply to this client, and returns it."""
    model = client.meta.service_model

    def received(event_name, response_dict, parsed_response, **_):
        if response_dict:
            name = event_name.rsplit(".", 1)[1]
            check(model.operation_model(name), response_dict["status_code"], response_dict["headers"],
                  response_dict["body"])
            code = parsed_response["Error"]["Code"] if response_dict["status_code"] >= 300 else ""
            outcomes[(model.service_name, name, code)] += 1
    client.meta.events.register("response-received.%s" % model.service_id.hyphenize(), received)
    return client


def check(operation, status, headers, body):
    """operation: botocore's OperationModel. body: bytes; anything else (a stream) is not looked at."""
    service = operation.service_model
    where = "%s %s" % (service.service_name, operation.name)
    try:
        if status >= 300:
            if operation.http.get("method") != "HEAD" and status != 304:
                REFUSALS[service.metadata["protocol"]](body, headers)
        else:
            READERS[service.metadata["protocol"]](Walk(service), operation, headers, body)
    except AssertionError as e:
        raise AssertionError("%s: %s\n%s" % (where, e, body[:4000] if isinstance(body, bytes) else "")) from None
    seen[(service.service_name, operation.name)] += 1


def need(condition, text, *args):
    if not condition:
        raise AssertionError(text % args)


def local(tag):
    return tag.rsplit("}", 1)[-1]


class Walk:
    """Goes through a shape of the model and its value on the wire at the same time."""

    def __init__(self, service):
        self.service = service
        self.json = "json" in service.metadata["protocol"]

    def newer(self, shape_name):
        return NEWER.get((self.service.service_name, shape_name), set())

    def scalar(self, shape, text, at):
        """A value that has no members, as text."""
        kind = shape.type_name
        if kind in ("integer", "long"):
            need(re.fullmatch(r"-?\d+", text), "%s: %r is no whole number", at, text)
        elif kind in ("float", "double"):
            need(re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text), "%s: %r is no number", at, text)
        elif kind == "boolean":
            need(text in ("true", "false"), "%s: %r is no boolean", at, text)
        elif kind == "timestamp":
            self.time(shape, text, at)
        elif kind == "blob":
            try:
                base64.b64decode(text, validate=True)
            except ValueError:
                raise AssertionError("%s: %r is no base64" % (at, text)) from None
        elif getattr(shape, "enum", None):
            more = UNLISTED.get((self.service.service_name, shape.name), set())
            need(text in shape.enum or text in more, "%s: %r is none of %s", at, text, shape.enum)

    def time(self, shape, text, at, default="iso8601"):
        form = shape.serialization.get("timestampFormat", default)
        pattern = {"iso8601": ISO_TIME, "rfc822": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
                   "unixTimestamp": r"\d+(\.\d+)?"}[form]
        need(re.fullmatch(pattern, text), "%s: %r is no time in the form %s", at, text, form)
        botocore.utils.parse_timestamp(float(text) if form == "unixTimestamp" else text)

    def required(self, shape, got, at, skip=()):
        for name in shape.required_members:
            need(name in got or name in skip, "%s: the required member %r is missing", at, name)

    # XML

    @staticmethod
    def xml_name(name, shape):
        """How a member is named on the wire."""
        if shape.type_name == "list" and shape.serialization.get("flattened") and shape.member.serialization.get("name"):
            return shape.member.serialization["name"]
        return shape.serialization.get("name", name)

    def xml(self, shape, node, at):
        if shape.type_name == "structure":
            self.xml_structure(shape, node, at)
        elif shape.type_name == "list":
            self.xml_list(shape, node, at)
        elif shape.type_name == "map":
            self.xml_map(shape, node, at)
        else:
            need(len(node) == 0, "%s: elements in a %s: %s", at, shape.type_name, [local(n.tag) for n in node])
            self.attributes(node, (), at)
            self.scalar(shape, node.text or "", at)

    def attributes(self, node, known, at):
        names = {local(n) for n in node.keys()}
        need(names <= set(known), "%s: unknown attributes %s", at, sorted(names - set(known)))

    def xml_structure(self, shape, node, at, beside=(), skip=()):
        """beside: elements of the envelope; skip: members that are not in the body."""
        known, attributes = {}, {}
        for name, member in shape.members.items():
            if name in skip:
                continue
            place = attributes if member.serialization.get("xmlAttribute") else known
            wire = self.xml_name(name, member)
            place[wire.rsplit(":", 1)[-1] if place is attributes else wire] = (name, member)
        got = collections.Counter()
        need(not (node.text or "").strip(), "%s: text %r between the elements", at, node.text)
        self.attributes(node, attributes, at)
        got.update(name for wire, (name, _) in attributes.items() if any(local(a) == wire for a in node.keys()))
        for child in node:
            wire = local(child.tag)
            if wire in beside:
                continue
            if wire not in known and wire in self.newer(shape.name):
                continue
            need(wire in known, "%s: unknown element <%s>", at, wire)
            name, member = known[wire]
            got[name] += 1
            if member.serialization.get("flattened"):
                self.xml_flat(member, child, "%s/%s" % (at, wire))
            else:
                need(got[name] == 1, "%s: <%s> is there more than once", at, wire)
                self.xml(member, child, "%s/%s" % (at, wire))
        self.required(shape, got, at, skip)

    def xml_flat(self, shape, node, at):
        if shape.type_name == "map":
            self.xml_entry(shape, node, at)
        else:
            self.xml(shape.member, node, at)

    def xml_list(self, shape, node, at):
        item = shape.member.serialization.get("name", "member")
        need(not (node.text or "").strip(), "%s: text %r in a list", at, node.text)
        for child in node:
            need(local(child.tag) == item, "%s: <%s> in a list of <%s>", at, local(child.tag), item)
            self.xml(shape.member, child, "%s/%s" % (at, item))

    def xml_map(self, shape, node, at):
        for entry in node:
            need(local(entry.tag) == "entry", "%s: <%s> in a map", at, local(entry.tag))
            self.xml_entry(shape, entry, at)

    def xml_entry(self, shape, entry, at):
        names = [(shape.key.serialization.get("name", "key"), shape.key),
                 (shape.value.serialization.get("name", "value"), shape.value)]
        need(sorted(local(n.tag) for n in entry) == sorted(n for n, _ in names), "%s: an entry of a map has %s", at,
             [local(n.tag) for n in entry])
        for wire, member in names:
            self.xml(member, next(n for n in entry if local(n.tag) == wire), "%s/%s" % (at, wire))

    # JSON

    def value(self, shape, value, at):
        kind = shape.type_name
        if kind == "structure" and not getattr(shape, "is_document_type", False):
            self.json_structure(shape, value, at)
        elif kind == "list":
            need(isinstance(value, list), "%s: %r is no list", at, value)
            for i, item in enumerate(value):
                self.value(shape.member, item, "%s[%d]" % (at, i))
        elif kind == "map":
            need(isinstance(value, dict), "%s: %r is no map", at, value)
            for key, item in value.items():
                self.value(shape.value, item, "%s[%r]" % (at, key))
        elif kind in ("integer", "long", "float", "double"):
            need(isinstance(value, (int, float)) and not isinstance(value, bool), "%s: %r is no number", at, value)
            need(kind in ("float", "double") or isinstance(value, int), "%s: %r is no whole number", at, value)
        elif kind == "boolean":
            need(isinstance(value, bool), "%s: %r is no boolean", at, value)
        elif kind == "timestamp":
            number = shape.serialization.get("timestampFormat", "unixTimestamp") == "unixTimestamp"
            need(isinstance(value, (int, float) if number else str), "%s: %r is no time", at, value)
            self.time(shape, str(value), at, "unixTimestamp")
        elif kind in ("string", "blob", "character"):
            need(isinstance(value, str), "%s: %r is no text", at, value)
            self.scalar(shape, value, at)

    def json_structure(self, shape, value, at, skip=()):
        need(isinstance(value, dict), "%s: %r is no object", at, value)
        known = {m.serialization.get("name", n): (n, m) for n, m in shape.members.items() if n not in skip}
        got = set()
        for wire, item in value.items():
            if wire not in known and wire in self.newer(shape.name):
                continue
            need(wire in known, "%s: unknown member %r", at, wire)
            name, member = known[wire]
            if item is not None:
                got.add(name)
                self.value(member, item, "%s.%s" % (at, wire))
        if getattr(shape, "is_tagged_union", False):
            need(len(got) == 1, "%s: one of %s is set, not %s", at, sorted(known), sorted(got))
        self.required(shape, got, at, skip)


def parse_xml(body, what="the reply"):
    need(isinstance(body, bytes) and body, "%s has no body", what)
    try:
        return xml.etree.ElementTree.fromstring(body)
    except xml.etree.ElementTree.ParseError as e:
        raise AssertionError("%s is no XML: %s" % (what, e)) from None


def parse_json(body):
    try:
        return json.loads(body.decode("utf-8"))
    except ValueError as e:
        raise AssertionError("the reply is no JSON: %s" % e) from None


def space_of(node):
    return node.tag[1:].split("}")[0] if node.tag.startswith("{") else ""


def check_root(operation, root):
    need(local(root.tag) == operation.name + "Response", "the root is <%s>", local(root.tag))
    want = operation.service_model.metadata["xmlNamespace"] if "xmlNamespace" in operation.service_model.metadata else ""
    need(space_of(root).rstrip("/") == want.rstrip("/"), "name space %r, not %r", space_of(root), want)


def only(node, names):
    got = [local(n.tag) for n in node]
    need(sorted(got) == sorted(names), "<%s> holds %s, not %s", local(node.tag), got, names)
    return [next(n for n in node if local(n.tag) == name) for name in names]


def read_query(walk, operation, _headers, body):
    root = parse_xml(body)
    check_root(operation, root)
    shape = operation.output_shape
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    parts = only(root, [wrapper, "ResponseMetadata"] if wrapper else ["ResponseMetadata"])
    request_id, = only(parts[-1], ["RequestId"])
    need(request_id.text, "the request id is empty")
    if wrapper:
        walk.xml_structure(shape, parts[0], wrapper)


def read_ec2(walk, operation, _headers, body):
    root = parse_xml(body)
    check_root(operation, root)
    need(root.find("{*}requestId") is not None, "requestId is missing")
    if operation.output_shape:
        walk.xml_structure(operation.output_shape, root, local(root.tag), EC2_VOID)
    else:
        known = EC2_VOID | walk.newer(operation.name)
        need({local(n.tag) for n in root} <= known, "unknown elements %s", [local(n.tag) for n in root])


def read_headers(walk, shape, headers):
    """The members that travel in headers: their names."""
    found = set()
    for name, member in shape.members.items():
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "header" and headers.get(wire) is not None:
            if member.type_name == "timestamp":
                walk.time(member, headers[wire], wire, "rfc822")
            elif member.type_name != "list":
                walk.scalar(member, headers[wire], wire)
            found.add(name)
    for name in shape.required_members:
        if shape.members[name].serialization.get("location") == "header":
            need(name in found, "the required header for %r is missing", name)
    return [n for n, m in shape.members.items() if m.serialization.get("location")]


def read_rest(walk, operation, headers, body):
    shape = operation.output_shape
    if not shape:
        need(not body, "a body where the model has none")
        return
    elsewhere = read_headers(walk, shape, headers)
    payload = shape.serialization.get("payload")
    if not isinstance(body, bytes):
        return
    if payload:
        member = shape.members[payload]
        if member.type_name != "structure":
            return
        shape, elsewhere = member, ()
    if not payload and len(elsewhere) == len(shape.members):
        need(not body, "a body where the model has none")
    elif walk.json:
        walk.json_structure(shape, parse_json(body) if body else {}, operation.name, elsewhere)
    elif operation.name == "GetBucketLocation":  # botocore, too, has a rule of its own for it
        root = parse_xml(body)
        need(local(root.tag) == "LocationConstraint" and not len(root), "the root is <%s>", local(root.tag))
    elif body or shape.required_members:
        root = parse_xml(body)
        walk.xml_structure(shape, root, local(root.tag), (), elsewhere)


def read_json(walk, operation, headers, body):
    version = operation.service_model.metadata.get("jsonVersion", "1.0")
    need(headers.get("Content-Type", "").startswith("application/x-amz-json-" + version), "Content-Type is %r",
         headers.get("Content-Type"))
    if operation.output_shape:
        walk.json_structure(operation.output_shape, parse_json(body), operation.name)
    else:
        need(body in (b"", b"{}"), "a body where the model has none")


def refusal_query(body, _headers):
    root = parse_xml(body)
    need(local(root.tag) == "ErrorResponse", "the root of a refusal is <%s>", local(root.tag))
    error, request_id = only(root, ["Error", "RequestId"])
    need(request_id.text, "the request id is empty")
    kind, code, _ = only(error, ["Type", "Code", "Message"])
    need(kind.text in ("Sender", "Receiver"), "the type of a refusal is %r", kind.text)
    need(code.text, "a refusal without a code")


def refusal_ec2(body, _headers):
    errors, request_id = only(parse_xml(body), ["Errors", "RequestID"])
    need(request_id.text, "the request id is empty")
    error, = only(errors, ["Error"])
    code, message = only(error, ["Code", "Message"])
    need(code.text and message.text, "a refusal without code or message")


def refusal_xml(body, _headers):
    root = parse_xml(body)
    need(local(root.tag) == "Error", "the root of a refusal is <%s>", local(root.tag))
    names = [local(n.tag) for n in root]
    for name in ("Code", "Message", "RequestId", "HostId"):
        need(names.count(name) == 1, "a refusal has %s", names)


def refusal_json(body, headers):
    value = parse_json(body)
    kind = headers.get("x-amzn-ErrorType") or value.get("__type")
    need(kind, "a refusal without a type")
    need(isinstance(value.get("message", value.get("Message")), str), "a refusal without a message")


READERS = {"query": read_query, "ec2": read_ec2, "rest-xml": read_rest, "rest-json": read_rest, "json": read_json}
REFUSALS = {"query": refusal_query, "ec2": refusal_ec2, "rest-xml": refusal_xml, "rest-json": refusal_json,
            "json": refusal_json}
