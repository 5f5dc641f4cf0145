"""A sandbox of a test's own, and clients for it."""
import hashlib
import http.client
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

import model_check

READY_SECONDS = 60


class Sandbox:
    def __init__(self, *options):
        self.options = options
        self.dir = tempfile.mkdtemp(prefix="sandbox-test.")
        os.chmod(self.dir, 0o711)  # the database servers may run as another user
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, failed=None, *_):
        code = 0
        if self.process and self.process.poll() is None:
            self.process.terminate()
            code = self.process.wait(60)
        with open(os.path.join(self.dir, "stderr"), errors="replace") as f:
            said = f.read()
        shutil.rmtree(self.dir, ignore_errors=True)
        if model_check.seen:
            print("%d replies to %d operations are what the models say" % (
                sum(model_check.seen.values()), len(model_check.seen)))
        if code and not failed:
            raise AssertionError("the sandbox ended with %d: %s" % (code, said))

    def start(self):
        self.log = open(os.path.join(self.dir, "stderr"), "ab")
        self.process = subprocess.Popen([os.environ.get("SPARKCTL_SANDBOX", "build/sparkctl-sandbox"), "--foreground",
                                         "--dir", os.path.join(self.dir, "state"), "--port", "0", *self.options],
                                        stdout=subprocess.PIPE, stderr=self.log)
        if not select.select([self.process.stdout], [], [], READY_SECONDS)[0]:
            raise AssertionError("the sandbox is not ready after %d s" % READY_SECONDS)
        line = self.process.stdout.readline().decode()
        match = re.match(r"ready http://127\.0\.0\.1:(\d+)\n", line)
        if not match:
            with open(os.path.join(self.dir, "stderr")) as f:
                raise AssertionError("the sandbox did not start: %r %s" % (line, f.read()))
        self.port = int(match.group(1))
        self.endpoint = "http://127.0.0.1:%d" % self.port
        with open(os.path.join(self.dir, "state", "credentials")) as f:
            text = f.read()
        self.key = re.search(r"aws_access_key_id\s*=\s*(\S+)", text).group(1)
        self.secret = re.search(r"aws_secret_access_key\s*=\s*(\S+)", text).group(1)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def client(self, service, region, **more):
        more.setdefault("config", Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))
        return model_check.watch(boto3.client(service, region_name=region, endpoint_url=self.endpoint,
                                              aws_access_key_id=self.key, aws_secret_access_key=self.secret, **more))

    def signed(self, method, target, body, headers, region="us-west-2", host=None):
        """A request that no SDK would send, signed: status, error code, body, headers."""
        path, _, query = target.partition("?")
        later = body if callable(body) else None
        request = AWSRequest(method=method, url="http://%s%s" % (host or "127.0.0.1:%d" % self.port, path),
                             data=b"" if later else body,
                             headers=dict(headers), params=dict(q.partition("=")[::2] for q in query.split("&") if q))
        given = headers.get("x-amz-content-sha256")
        auth = S3SigV4Auth(Credentials(self.key, self.secret), "s3", region)
        if given:
            auth.payload = lambda _: given
        auth.add_auth(request)
        if later:  # a body that signs itself, from the headers' signature on
            body = later(request.headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {k: v for k, v in request.headers.items()}
        sent.setdefault("Host", host or "127.0.0.1:%d" % self.port)
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        code = re.search(rb"<Code>(\w+)</Code>", text)
        return answer.status, code.group(1).decode() if code else "", text, dict(answer.getheaders())

    def raw_bucket_put(self, name):
        """CreateBucket with a name that boto3 would not send."""
        body = (b"<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint>"
                b"</CreateBucketConfiguration>")
        status, code, _, _ = self.signed("PUT", "/" + name, body, {})
        if status != 200:
            raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "CreateBucket")

    def aws_run(self, *args):
        env = dict(os.environ, AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=self.secret,
                   AWS_DEFAULT_REGION="us-west-2", AWS_CONFIG_FILE="/dev/null", AWS_PAGER="", HOME=self.dir,
                   AWS_SHARED_CREDENTIALS_FILE="/dev/null", LC_ALL="C.UTF-8")
        return subprocess.run(["/usr/bin/aws", "--endpoint-url", self.endpoint, *args], env=env, capture_output=True,
                              text=True, timeout=200)

    def aws(self, *args):
        done = self.aws_run(*args)
        if done.returncode:
            raise AssertionError("aws %s: %s" % (" ".join(args), done.stderr))
        return done.stdout

    def aws_fails(self, *args):
        done = self.aws_run(*args)
        if not done.returncode:
            raise AssertionError("aws %s did not fail" % " ".join(args))
        return done.stderr
