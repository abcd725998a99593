# SPDX-License-Identifier: Apache-2.0
"""-auth verify over the wire: a signer of the standard library, and those that are installed: botocore, curl. Skipped ones are named."""
import datetime
import gzip
import hashlib
import hmac
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from stator import PATIENCE, Stator, refusal

try:
    import boto3
    import botocore.auth
    import botocore.awsrequest
    import botocore.config
    import botocore.credentials
    import botocore.exceptions
except ImportError:
    boto3 = None

FILE = """# as the CLI writes it
[default]
aws_access_key_id = AKIDFIRST
aws_secret_access_key = first/secret+with=signs

[temporary]
aws_access_key_id=ASIATEMP
aws_secret_access_key=temporary
aws_session_token=IQoJ/token+==
region=eu-west-1
"""
FIRST = ("AKIDFIRST", "first/secret+with=signs", None)
TEMPORARY = ("ASIATEMP", "temporary", "IQoJ/token+==")
MISMATCH = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
            "method. Consult the service documentation for details.")


def hashed(text):
    return hashlib.sha256(text).hexdigest()


def sign(port, credential, body, date=None, region="us-east-1", target="DynamoDB_20120810.ListTables", extra=()):
    """Headers of a signed request."""
    key, secret, token = credential
    date = date or datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": f"127.0.0.1:{port}", "x-amz-date": date, "x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
    headers.update(extra)
    if token:
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in sorted(headers))
    payload = headers.get("x-amz-content-sha256", hashed(body))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{payload}"
    scope = f"{date[:8]}/{region}/dynamodb/aws4_request"
    made = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        made = hmac.digest(made, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashed(canonical.encode())}"
    signature = hmac.digest(made, text.encode(), "sha256").hex()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


class Verified(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = Path(cls.folder.name) / "credentials"
        path.write_text(FILE)
        cls.server = Stator("-inMemory", "-auth", "verify", "-credentials", str(path))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        with cls.server:
            pass

    def send(self, headers, body, connection=None):
        own = connection or self.server.connect()
        own.request("POST", "/", body, headers)
        answer = own.getresponse()
        status, text = answer.status, answer.read()
        if connection is None:
            own.close()
        return status, json.loads(text)

    def accepted(self, headers, body=b"{}", **how):
        status, answer = self.send(headers, body, **how)
        self.assertEqual((status, answer), (200, {"TableNames": []}))

    def refused(self, headers, kind, text, body=b"{}"):
        status, answer = self.send(headers, body)
        self.assertEqual((status, answer), (400, {"__type": "com.amazon.coral.service#" + kind, "message": text}))

    def test_keys(self):
        port = self.server.port
        connection = self.server.connect()
        for _ in range(3):
            self.accepted(sign(port, FIRST, b"{}"), connection=connection)
            self.accepted(sign(port, TEMPORARY, b"{}", region="local"), connection=connection)
        self.refused(sign(port, ("AKIDFIRST", "wrong", None), b"{}"), "InvalidSignatureException", MISMATCH)
        self.refused(sign(port, ("nobody", "wrong", None), b"{}"), "UnrecognizedClientException",
                     "The security token included in the request is invalid.")
        self.refused(sign(port, ("ASIATEMP", "temporary", "other"), b"{}"), "UnrecognizedClientException",
                     "The security token included in the request is invalid")
        self.refused(sign(port, FIRST, b"{}"), "InvalidSignatureException", MISMATCH, b"{ }")

    def test_old_and_early(self):
        moment = datetime.datetime.now(datetime.timezone.utc)
        for minutes in (-14, 14):
            self.accepted(sign(self.server.port, FIRST, b"{}", (moment + datetime.timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")))
        for minutes, word in ((-16, "Signature expired: "), (16, "Signature not yet current: ")):
            date = (moment + datetime.timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
            status, answer = self.send(sign(self.server.port, FIRST, b"{}", date), b"{}")
            self.assertEqual((status, answer["__type"]), (400, "com.amazon.coral.service#InvalidSignatureException"))
            self.assertTrue(answer["message"].startswith(word + date + " is "), answer)

    def test_payloads(self):
        port = self.server.port
        packed = gzip.compress(b"{}")
        self.accepted(sign(port, FIRST, packed, extra={"content-encoding": "gzip"}), packed)
        self.refused(sign(port, FIRST, b"{}", extra={"content-encoding": "gzip"}), "InvalidSignatureException", MISMATCH, packed)
        self.accepted(sign(port, FIRST, b"", extra={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), b'{"Limit":1}')
        self.accepted(sign(port, FIRST, b"{}", extra={"x-amz-content-sha256": hashed(b"{}")}))
        self.refused(sign(port, FIRST, b"{}", extra={"x-amz-content-sha256": hashed(b"x")}), "InvalidSignatureException", MISMATCH)
        # Chunks are joined first. http.client sends an iterable in chunks.
        self.accepted(sign(port, FIRST, b'{"Limit":1}'), iter([b'{"Lim', b'it":', b'1}']))
        self.accepted(sign(port, FIRST, b"{}", extra={"x-more": "  a   b  "}))

    def test_unsigned(self):
        self.refused({"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"},
                     "MissingAuthenticationTokenException", "Request is missing Authentication Token")
        connection = self.server.connect()
        connection.request("GET", "/health")
        self.assertEqual(connection.getresponse().status, 200)

    @unittest.skipIf(boto3 is None, "no boto3 here")
    def test_boto3(self):
        for key, secret, token in (FIRST, TEMPORARY):
            client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{self.server.port}", region_name="eu-central-1",
                                  aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token)
            client.create_table(TableName="boto", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
            client.put_item(TableName="boto", Item={"pk": {"S": "ü"}})
            self.assertEqual(client.get_item(TableName="boto", Key={"pk": {"S": "ü"}})["Item"], {"pk": {"S": "ü"}})
        client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{self.server.port}", region_name="eu-central-1",
                              aws_access_key_id="AKIDFIRST", aws_secret_access_key="no", config=botocore.config.Config(retries={"max_attempts": 0}))
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            client.list_tables()
        self.assertEqual(raised.exception.response["Error"], {"Code": "InvalidSignatureException", "Message": MISMATCH})

    @unittest.skipIf(boto3 is None, "no boto3 here")
    def test_botocore_presigned(self):
        for key, secret, token in (FIRST, TEMPORARY):
            # A POST without its body: botocore's query signer would move that into the query.
            request = botocore.awsrequest.AWSRequest("POST", f"http://127.0.0.1:{self.server.port}/?b=2%20x&a=%2F~", headers={
                "X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"})
            signer = botocore.auth.SigV4QueryAuth(botocore.credentials.Credentials(key, secret, token), "dynamodb", "sa-east-1", expires=300)
            signer.payload = lambda request: hashed(b"{}")
            signer.add_auth(request)
            url = request.url[request.url.index("/?"):]
            for path, status in ((url, 200), (url.replace("b=2", "b=3"), 400)):
                connection = self.server.connect()
                connection.request("POST", path, b"{}", dict(request.headers))
                answer = connection.getresponse()
                self.assertEqual(answer.status, status, answer.read())

    @unittest.skipIf(shutil.which("curl") is None, "no curl here")
    def test_curl(self):
        key, secret, _ = FIRST
        for user, status in ((f"{key}:{secret}", "200"), (f"{key}:wrong", "400")):
            done = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:dynamodb", "--user", user, "-H",
                                   "X-Amz-Target: DynamoDB_20120810.ListTables", "-H", "Content-Type: application/x-amz-json-1.0", "-d", "{}",
                                   f"http://127.0.0.1:{self.server.port}/"], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.stdout.rsplit("\n", 1)[1], status, done.stdout)


class Start(unittest.TestCase):
    def test_environment(self):
        with Stator("-inMemory", "-auth", "verify", env={"AWS_ACCESS_KEY_ID": "fromenv", "AWS_SECRET_ACCESS_KEY": "s",
                                                         "AWS_SESSION_TOKEN": "t"}) as server:
            for credential, status in ((("fromenv", "s", "t"), 200), (("fromenv", "s", None), 400)):
                connection = server.connect()
                connection.request("POST", "/", b"{}", sign(server.port, credential, b"{}"))
                self.assertEqual(connection.getresponse().status, status)

    def test_off(self):
        with Stator("-inMemory", "-auth", "off") as server:
            connection = server.connect()
            connection.request("POST", "/", b"{}", {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/json"})
            self.assertEqual(connection.getresponse().status, 200)

    def test_refusals(self):
        bare = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        said = refusal("-inMemory", "-auth", "verify", env=bare)
        self.assertEqual(said.stderr, "stator: -auth verify wants keys: give -credentials FILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n")
        said = refusal("-inMemory", "-auth", "verify", "-credentials", "/nowhere/at/all")
        self.assertEqual((said.status, said.stderr), (1, "stator: cannot read -credentials /nowhere/at/all: No such file or directory\n"))
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("[a]\naws_access_key_id=x\n")
            file.flush()
            said = refusal("-inMemory", "-auth", "verify", "-credentials", file.name)
            self.assertEqual(said.stderr, f"stator: {file.name}: profile [a] has no aws_secret_access_key\n")
        self.assertEqual(refusal("-auth", "maybe").stderr, "stator: -auth wants off, shape or verify, not 'maybe'\n")
        self.assertEqual(refusal("-credentials", "x").stderr, "stator: -credentials is for -auth verify: add that, or leave -credentials out\n")


if __name__ == "__main__":
    unittest.main()
