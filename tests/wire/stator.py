# SPDX-License-Identifier: Apache-2.0
"""What the wire tests share: the real program (its path in the environment's STATOR) on a free port, and a client of the standard library."""
import http.client
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time

PROGRAM = os.environ["STATOR"]
PATIENCE = 30  # seconds; only a hang takes as long
AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=wirekey/20260101/us-east-1/dynamodb/aws4_request, "
                 "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0123456789abcdef" * 4)


class Refused(Exception):
    """The program ended instead of serving."""

    def __init__(self, status, stdout, stderr):
        super().__init__(f"exit {status}: {stderr}")
        self.status, self.stdout, self.stderr = status, stdout, stderr


class Stator:
    """A running server. `with Stator("-inMemory") as server:` stops it at the end and checks that it ended well."""

    def __init__(self, *flags, cwd=None, env=None, port=0):
        self.stderr_file = tempfile.TemporaryFile()
        began = time.monotonic()
        self.process = subprocess.Popen([PROGRAM, "-port", str(port), *flags], stdout=subprocess.PIPE, stderr=self.stderr_file,
                                        cwd=cwd, env={**os.environ, **(env or {})})
        self.banner = ""
        while not (ready := re.search(r"^Stator \S+ ready on port (\d+)$", self.banner, re.M)):
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                self.process.kill()
                raise AssertionError("neither ready nor ended: " + self.banner)
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                status = self.process.wait(PATIENCE)
                self.process.stdout.close()
                said = self.stderr()
                self.stderr_file.close()
                raise Refused(status, self.banner, said)
            self.banner += more.decode()
        self.start_seconds = time.monotonic() - began
        self.port = int(ready.group(1))

    def stderr(self):
        self.stderr_file.seek(0)
        return self.stderr_file.read().decode()

    def send_again(self, number):
        """ThreadSanitizer puts a signal off until the next call that it intercepts: one that comes just before the loop sleeps stays there."""
        for _ in range(10):
            try:
                self.process.wait(3)
                return
            except subprocess.TimeoutExpired:
                self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Returns the exit status."""
        began = time.monotonic()
        self.process.send_signal(number)
        if "STATOR_IS_TSAN" in os.environ:
            self.send_again(number)
        status = self.process.wait(PATIENCE)
        self.stop_seconds = time.monotonic() - began
        self.process.stdout.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.returncode is None:
            status = self.stop()
            if kind is None:
                assert status == 0, f"exit status {status}: {self.stderr()}"
        self.stderr_file.close()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def send(self, operation, body, connection):
        """A request whose answer is read later."""
        connection.request("POST", "/", json.dumps(body), {
            "X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION})

    def call(self, operation, body, connection=None):
        """(status, answer)"""
        own = connection or self.connect()
        self.send(operation, body, own)
        answer = own.getresponse()
        text = answer.read()
        if connection is None:
            own.close()
        return answer.status, json.loads(text) if text else None

    def must(self, operation, body, connection=None):
        status, answer = self.call(operation, body, connection)
        assert status == 200, (operation, status, answer)
        return answer

    def create_table(self, name="things"):
        self.must("CreateTable", {"TableName": name, "BillingMode": "PAY_PER_REQUEST",
                                  "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                                  "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]})


def refusal(*flags, **how):
    """Starts what must not start; returns its Refused."""
    try:
        with Stator(*flags, **how):
            pass
    except Refused as refused:
        return refused
    raise AssertionError(f"{flags} were accepted")
