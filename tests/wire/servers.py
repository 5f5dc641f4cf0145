"""Servers for the tests of the wire: a sandbox with a cluster, and a bare PostgreSQL of the same version."""

import configparser
import hashlib
import json
import os
import pwd
import random
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "real"))
import ports  # noqa: E402

USER, PASSWORD, DATABASE = "dwhuser", "Passw0rd1x", "dwh"


def free_port():
    for _ in range(200):
        port = random.randint(20000, 60000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no port is free")


class Sandbox:
    """A sandbox in a folder of its own, or in that of an earlier one, and one cluster in it."""

    def __init__(self, *options, root=None, folder="sandbox"):
        self.root = root or tempfile.mkdtemp(prefix="wire.")
        os.chmod(self.root, 0o711)
        self.dir = os.path.join(self.root, folder)
        self.ca = os.path.join(self.dir, "ca.pem")
        self.process = None
        self.options = options
        self.start()

    def start(self):
        program = os.environ.get("SPARKCTL_SANDBOX", "build/sparkctl-sandbox")
        self.errors = open(os.path.join(self.root, "stderr"), "a")
        self.process = subprocess.Popen(
            [program, "--dir", self.dir, "--port", "0", "--foreground", *self.options],
            stdout=subprocess.PIPE, stderr=self.errors, stdin=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError("the sandbox did not start: " + open(self.errors.name).read())
        self.endpoint = line.split()[1]
        keys = configparser.ConfigParser(interpolation=None)
        keys.read(os.path.join(self.dir, "credentials"))
        self.keys = dict(keys["default"])

    def client(self, service):
        import boto3

        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-west-2", **self.keys)

    def let_in(self, cidr="127.0.0.1/32"):
        ec2 = self.client("ec2")
        groups = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
        ec2.authorize_security_group_ingress(
            GroupId=groups[0]["GroupId"], IpProtocol="tcp", FromPort=0, ToPort=65535, CidrIp=cidr)
        return groups[0]["GroupId"]

    def status(self, name="wire"):
        return self.client("redshift").describe_clusters(ClusterIdentifier=name)["Clusters"][0]

    def create_cluster(self, name="wire", **more):
        self.port = ports.free_port()
        self.client("redshift").create_cluster(
            ClusterIdentifier=name, NodeType="ra3.large", ClusterType="single-node", DBName=DATABASE,
            MasterUsername=USER, MasterUserPassword=PASSWORD, Port=self.port, **more)
        end = time.monotonic() + 60
        while (status := self.status(name))["ClusterStatus"] == "creating" and time.monotonic() < end:
            time.sleep(0.02)
        if status["ClusterStatus"] != "available":
            raise RuntimeError(f"the cluster is {status['ClusterStatus']}: " + self.log())
        return self.port

    def log(self):
        with open(os.path.join(self.dir, "log"), errors="replace") as f:
            return f.read()[-4000:]

    def stop(self):
        """Ends it as a user would; it has to end well, which under a sanitizer means without a finding."""
        ended = self.process.poll() is not None
        if not ended:
            self.process.terminate()
            self.process.wait(60)
        self.process.stdout.close()
        self.errors.close()
        if not ended and self.process.returncode != 0:
            raise RuntimeError(f"the sandbox ended with {self.process.returncode}: " + open(self.errors.name).read())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def remove(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


class Bare:
    """A PostgreSQL without a gateway, with the settings that a cluster's server has."""

    SETTINGS = """
listen_addresses = '127.0.0.1'
password_encryption = md5
standard_conforming_strings = off
escape_string_warning = off
backslash_quote = on
extra_float_digits = 0
timezone = 'UTC'
datestyle = 'ISO, MDY'
lc_messages = 'C'
fsync = off
ssl = on
"""

    def __init__(self):
        self.bin = subprocess.check_output(["pg_config", "--bindir"], text=True).strip()
        self.root = tempfile.mkdtemp(prefix="bare.")
        self.data = os.path.join(self.root, "data")
        self.drop = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.root, user.pw_uid, user.pw_gid)
            self.drop = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.port = free_port()
        self.run("initdb", "-D", self.data, "-U", "super", "--auth=trust", "--locale=C", "--encoding=UTF8", "-N")
        self.certify()
        with open(os.path.join(self.data, "postgresql.conf"), "a") as f:
            f.write(self.SETTINGS + f"port = {self.port}\nunix_socket_directories = '{self.root}'\n")
        with open(os.path.join(self.data, "pg_hba.conf"), "w") as f:
            f.write("local all all trust\nhost all all 127.0.0.1/32 md5\n")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.root, "log"), "start")
        self.sql("postgres", f"CREATE ROLE {USER} LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'")
        self.sql("postgres", f"GRANT pg_signal_backend, pg_monitor TO {USER}")
        self.sql("template1", "GRANT CREATE ON SCHEMA public TO PUBLIC")
        self.sql("postgres", f"CREATE DATABASE {DATABASE} OWNER {USER}")

    def certify(self):
        key = os.path.join(self.data, "server.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-keyout", key,
                        "-out", os.path.join(self.data, "server.crt")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.drop)
        os.chmod(key, 0o600)

    def run(self, program, *args):
        subprocess.run([os.path.join(self.bin, program), *args], check=True, stdout=subprocess.DEVNULL,
                       cwd="/", stdin=subprocess.DEVNULL, **self.drop)

    def sql(self, database, text):
        self.run("psql", "-qX", "-h", self.root, "-p", str(self.port), "-U", "super", "-d", database, "-c", text)

    def remove(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def startup(version=196608, **settings):
    body = b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in settings.items()) + b"\0"
    return struct.pack("!II", len(body) + 8, version) + body


def message(kind, body=b""):
    return kind.encode() + struct.pack("!I", len(body) + 4) + body


def text(*parts):
    return b"".join(p.encode() + b"\0" for p in parts)


class Q:
    """Messages of the extended and the simple protocol."""

    query = staticmethod(lambda sql: message("Q", text(sql)))
    parse = staticmethod(lambda sql, name="": message("P", text(name, sql) + b"\0\0"))
    bind = staticmethod(lambda statement="", portal="": message("B", text(portal, statement) + b"\0\0\0\0\0\0"))
    describe = staticmethod(lambda kind="P", name="": message("D", kind.encode() + text(name)))
    execute = staticmethod(lambda portal="", rows=0: message("E", text(portal) + struct.pack("!I", rows)))
    close = staticmethod(lambda kind, name: message("C", kind.encode() + text(name)))
    data = staticmethod(lambda b: message("d", b))
    sync, flush, done, terminate = message("S"), message("H"), message("c"), message("X")
    fail = staticmethod(lambda why: message("f", text(why)))

    @staticmethod
    def all(sql, statement="", portal=""):
        return Q.parse(sql, statement) + Q.bind(statement, portal) + Q.describe("P", portal) + Q.execute(portal)


class Closed(Exception):
    pass


class Wire:
    """A connection by hand. With encrypted set, all of them speak TLS."""

    encrypted = False

    def __init__(self, port, timeout=10, tls=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        if self.encrypted if tls is None else tls:
            self.encrypt()
        self.pid = self.key = None
        self.parameters = {}

    def encrypt(self, ca=None):
        self.send(struct.pack("!II", 8, 80877103))
        assert self.exactly(1) == b"S"
        context = ssl.create_default_context(cafile=ca)
        if not ca:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def exactly(self, n):
        got = b""
        while len(got) < n:
            more = self.socket.recv(n - len(got))
            if not more:
                raise Closed
            got += more
        return got

    def receive(self):
        head = self.exactly(5)
        return head[:1].decode(), self.exactly(struct.unpack("!I", head[1:])[0] - 4)

    def login(self, password=PASSWORD, user=USER, **settings):
        """The messages up to the first ReadyForQuery or the end."""
        settings = {"user": user, "database": DATABASE, **settings}
        return self.login_raw(startup(**settings), user, password)

    def login_raw(self, first, user=USER, password=PASSWORD):
        self.send(first)
        got = []
        try:
            while True:
                kind, body = self.receive()
                got.append((kind, body))
                if kind == "R" and struct.unpack("!I", body[:4])[0] == 5:
                    inner = hashlib.md5((password + user).encode()).hexdigest()
                    self.send(message("p", text("md5" + hashlib.md5(inner.encode() + body[4:]).hexdigest())))
                elif kind == "K":
                    self.pid, self.key = struct.unpack("!II", body)
                elif kind == "S":
                    name, value = body.split(b"\0")[:2]
                    self.parameters[name.decode()] = value.decode()
                elif kind in "Z":
                    return got
        except Closed:
            return got + [("<eof>", b"")]

    def until_ready(self, count=1, wait=60):
        """Messages up to the count-th ReadyForQuery, the end, or silence."""
        got = []
        self.socket.settimeout(wait)
        try:
            while count:
                kind, body = self.receive()
                got.append((kind, body))
                count -= kind == "Z"
        except Closed:
            got.append(("<eof>", b""))
        except ConnectionResetError:
            got.append(("<eof>", b""))
        except socket.timeout:
            got.append(("<silence>", b""))
        return got

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def fields(body):
    return {f[:1].decode(): f[1:].decode(errors="replace") for f in body.split(b"\0") if f}


def columns(body):
    """A RowDescription without the tables' numbers, which differ from server to server."""
    out, at = [], 2
    for _ in range(struct.unpack("!H", body[:2])[0]):
        end = body.index(b"\0", at)
        _, number, kind, size, modifier, form = struct.unpack("!IHIhiH", body[end + 1:end + 19])
        out.append(f"{body[at:end].decode()}({number} {kind} {size} {modifier} {form})")
        at = end + 19
    return " ".join(out)


def show(messages):
    """A transcript as people read it."""
    out = []
    for kind, body in messages:
        if kind in "EN":
            f = fields(body)
            line = f"{kind}:{f.get('S')} {f.get('C')} {f.get('M')}"
            for extra in "PDH":
                if extra in f:
                    line += f" {extra}={f[extra]}"
            out.append(line)
        elif kind == "C":
            out.append("C:" + body[:-1].decode())
        elif kind == "Z":
            out.append("Z:" + body.decode())
        elif kind == "D":
            out.append("D:" + body[2:].hex())
        elif kind == "T":
            out.append("T:" + columns(body))
        elif kind in "td":
            out.append(f"{kind}:{body.hex()}")
        elif kind == "S":
            out.append("S:" + body.decode().replace("\0", " ").strip())
        else:
            out.append(kind)
    return out
