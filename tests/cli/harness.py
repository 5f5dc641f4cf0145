"""What the tests of the command line share: a place of their own, running sparkctl, and saying what was proved."""

import atexit
import fcntl
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import traceback

SPARKCTL = os.environ.get("SPARKCTL") or os.path.abspath("build/sparkctl")
if not os.access(SPARKCTL, os.X_OK):
    sys.exit(f"there is no '{SPARKCTL}': build it, or let SPARKCTL name it")


def free_port():
    """A port that a cluster may have (the node types of today take few), and no other test has now."""
    folder = f"/tmp/sparkctl-test-ports.{os.getuid()}"
    os.makedirs(folder, exist_ok=True)
    ports = [*range(5431, 5456), *range(8191, 8216)]
    random.shuffle(ports)
    for port in ports:
        lock = open(f"{folder}/{port}", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        held.append(lock)
        return port
    raise RuntimeError("no port is free")


held = []  # locks on ports, until the test ends


class Result:
    def __init__(self, args, done):
        self.args, self.code, self.out, self.err = args, done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        return f"$ sparkctl {' '.join(self.args)}\nexit code {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class Place:
    """A folder with settings and state of its own; its sandbox, if one is started, ends with the test."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="cli-")
        os.chmod(self.dir, 0o711)
        self.env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("AWS_", "SPARKCTL_", "PG", "CREDS_", "XDG_")) and k != "NO_COLOR"
        }
        for name in ("home", "state", "tmp", "work"):
            os.mkdir(os.path.join(self.dir, name))
            os.chmod(os.path.join(self.dir, name), 0o711)
        self.work = os.path.join(self.dir, "work")
        self.env.update(
            HOME=os.path.join(self.dir, "home"),
            XDG_STATE_HOME=os.path.join(self.dir, "state"),
            TMPDIR=os.path.join(self.dir, "tmp"),
            SPARKCTL_SANDBOX_PORT="0",
            SPARKCTL_DB_PORT=str(free_port()),
            TERM="dumb",
        )
        atexit.register(self.close)

    def path(self, *names):
        return os.path.join(self.work, *names)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb" if isinstance(text, bytes) else "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def run(self, *args, code=0, input=None, env=None, timeout=240):
        done = subprocess.run(
            [SPARKCTL, *args],
            cwd=self.work,
            env={**self.env, **(env or {})},
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=timeout,
        )
        result = Result(args, done)
        if code is not None and done.returncode != code:
            raise AssertionError(f"expected exit code {code}\n{result}")
        return result

    def start(self, *args, env=None, **more):
        """Runs it in the background."""
        return subprocess.Popen(
            [SPARKCTL, *args],
            cwd=self.work,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def sandbox_env(self):
        return self.run("sandbox", "env", "--json").json()

    def boto(self, service, region="us-west-2"):
        import boto3

        e = self.sandbox_env()
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=e["AWS_ENDPOINT_URL"],
            aws_access_key_id=e["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=e["AWS_SECRET_ACCESS_KEY"],
        )

    def close(self):
        if os.path.exists(os.path.join(self.dir, "state", "sparkctl", "sandbox")):
            self.run("sandbox", "stop", code=None)
        if os.environ.get("KEEP_TEST_FOLDERS"):
            print(f"kept: {self.dir}")
        else:
            subprocess.run(["rm", "-rf", self.dir], check=False)


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"'{part}' is not in:\n{text}")


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError(f"'{part}' is in:\n{text}")


def same(found, wanted, what=""):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")


def message(result, text, hint=None):
    """One message and at most one hint on standard error, nothing on standard output."""
    lines = [x for x in result.err.splitlines() if not x.startswith(("sparkctl: warning:", "sandbox started"))]
    if not lines or not lines[0].startswith("sparkctl: "):
        raise AssertionError(f"no message:\n{result}")
    has(lines[0], text)
    if lines[0].endswith("."):
        raise AssertionError(f"a message ends with a full stop:\n{result}")
    if hint is not None:
        if len(lines) < 2 or not lines[1].startswith("hint: "):
            raise AssertionError(f"no hint:\n{result}")
        has(lines[1], hint)
    if len(lines) > 2:
        raise AssertionError(f"more than one message:\n{result}")
    same(result.out, "", "standard output")


def main(tests):
    """Runs each function of the list, in order; all failures are told."""
    failed = 0
    for test in tests:
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok   {name}")
        except Exception:
            failed += 1
            print(f"FAIL {name}")
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
