"""Holds requests, as the sandbox recorded them, against the service models that botocore ships: no parameter that the model
does not have, those that it requires there, numbers, booleans and enumerations as they are written.

    faults = request_check.check(record)     a list of texts, empty when the request is right
Knows the protocols query and ec2.
"""

import re

import botocore.session

# What AWS takes and later models know: (service, operation) -> parameters.
NEWER = {("ec2", "CreateRouteTable"): {"ClientToken"}}
ENVELOPE = {"Action", "Version"}

session = botocore.session.get_session()
models = {}


def model_of(service):
    if service not in models:
        models[service] = session.get_service_model(service)
    return models[service]


def wire_name(name, shape, ec2):
    """How a member is named on the wire."""
    if ec2:
        if "queryName" in shape.serialization:
            return shape.serialization["queryName"]
        wire = shape.serialization.get("name", name)
        return wire[0].upper() + wire[1:]
    if shape.type_name == "list" and shape.serialization.get("flattened") and shape.member.serialization.get("name"):
        return shape.member.serialization["name"]
    return shape.serialization.get("name", name)


def tree_of(parameters):
    """{"Tags.Tag.1.Key": "a"} as {"Tags": {"Tag": {"1": {"Key": "a"}}}}."""
    root = {}
    for name, value in parameters.items():
        at = root
        *path, last = name.split(".")
        for part in path:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                return {name: value}
        at[last] = value
    return root


class Check:
    def __init__(self, service):
        self.ec2 = model_of(service).metadata["protocol"] == "ec2"
        self.faults = []

    def fault(self, at, text):
        self.faults.append(f"{'.'.join(at) or 'the request'}: {text}")

    def value(self, shape, value, at):
        kind = shape.type_name
        if kind == "structure":
            self.structure(shape, value, at)
        elif kind == "list":
            self.items(shape, value, at)
        elif isinstance(value, dict):
            self.fault(at, f"parts of a {kind}")
        elif kind in ("integer", "long") and not re.fullmatch(r"-?\d+", value):
            self.fault(at, f"{value!r} is no whole number")
        elif kind == "boolean" and value not in ("true", "false"):
            self.fault(at, f"{value!r} is no boolean")
        elif kind == "timestamp" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
            self.fault(at, f"{value!r} is no time")
        elif getattr(shape, "enum", None) and value not in shape.enum:
            self.fault(at, f"{value!r} is none of {shape.enum}")

    def structure(self, shape, value, at):
        if not isinstance(value, dict):
            self.fault(at, "a text where parts belong")
            return
        known = {wire_name(n, m, self.ec2): (n, m) for n, m in shape.members.items()}
        for name, part in value.items():
            if name in known:
                self.value(known[name][1], part, [*at, name])
            else:
                self.fault([*at, name], "unknown")
        for name in shape.required_members:
            if wire_name(name, shape.members[name], self.ec2) not in value:
                self.fault([*at, name], "required, and missing")

    def items(self, shape, value, at):
        flat = self.ec2 or shape.serialization.get("flattened")
        if not flat:
            name = shape.member.serialization.get("name", "member")
            if not isinstance(value, dict) or set(value) != {name}:
                self.fault(at, f"a list has '{name}' between its name and the number")
                return
            value, at = value[name], [*at, name]
        if not isinstance(value, dict) or list(value) != [str(i + 1) for i in range(len(value))]:
            self.fault(at, f"its items are not numbered from 1: {value!r}")
            return
        for number, part in value.items():
            self.value(shape.member, part, [*at, number])


def check(record):
    """record: a line of the record of requests."""
    service, action = record["service"], record["action"]
    model = model_of(service)
    if action not in model.operation_names:
        return [f"{service} has no operation '{action}'"]
    operation = model.operation_model(action)
    given = {k: v for k, v in record["parameters"].items() if k not in ENVELOPE | NEWER.get((service, action), set())}
    checking = Check(service)
    if operation.input_shape:
        checking.structure(operation.input_shape, tree_of(given), [])
    elif given:
        checking.fault([], f"takes no parameters: {given}")
    return [f"{service} {action}: {x}" for x in checking.faults]
