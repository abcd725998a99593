# SPDX-License-Identifier: Apache-2.0
"""https: the program's own certificate and given ones, as clients see them; and clients that break off, dawdle or talk nonsense."""
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from stator import AUTHORIZATION, PATIENCE, PROGRAM, Stator, refusal

try:
    import boto3
except ImportError:
    boto3 = None

HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION}
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def read_answers(sock, count):
    """Bodies of that many answers with a length."""
    text, bodies = b"", []
    while len(bodies) < count:
        head, found, rest = text.partition(b"\r\n\r\n")
        if found:
            length = int(next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")).split(b":")[1])
            if len(rest) >= length:
                bodies.append(rest[:length])
                text = rest[length:]
                continue
        more = sock.recv(1 << 20)
        assert more, (len(bodies), text[:200])
        text += more
    return bodies


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.cert = str(Path(cls.folder.name) / "cert.pem")
        cls.server = Stator("-inMemory", "-tls", "-tlsCertOut", cls.cert)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        with cls.server:
            pass

    def context(self):
        context = ssl.create_default_context(cafile=self.cert)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def plain_socket(self, host="127.0.0.1"):
        sock = socket.create_connection((host, self.server.port), timeout=PATIENCE)
        self.addCleanup(sock.close)
        return sock

    def connect(self, host="127.0.0.1", name=None, context=None):
        sock = (context or self.context()).wrap_socket(self.plain_socket(host), server_hostname=name or host)
        self.addCleanup(sock.close)
        return sock

    def client(self):
        client = http.client.HTTPSConnection("localhost", self.server.port, context=self.context(), timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def call(self, operation, body, client=None):
        client = client or self.client()
        client.request("POST", "/", body if isinstance(body, bytes) else json.dumps(body), {**HEADERS, "X-Amz-Target": "DynamoDB_20120810." + operation})
        answer = client.getresponse()
        return answer.status, json.loads(answer.read())

    def assert_serves(self):
        sock = self.connect()
        sock.sendall(HEALTH)
        self.assertEqual(read_answers(sock, 1), [b'{"status":"ok"}'])

    def test_names(self):
        for host, name in (("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("127.0.0.1", "localhost"), ("127.0.0.1", socket.gethostname())):
            try:
                self.connect(host, name)
            except OSError as error:
                if host != "::1" or isinstance(error, ssl.SSLError):
                    raise
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect(name="example.com")
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect(context=ssl.create_default_context())

    def test_versions_and_protocols(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context()
            context.minimum_version = context.maximum_version = version
            context.set_alpn_protocols(["h2", "http/1.1"])
            sock = self.connect(context=context)
            self.assertEqual(sock.selected_alpn_protocol(), "http/1.1")
            sock.sendall(HEALTH)
            self.assertEqual(read_answers(sock, 1), [b'{"status":"ok"}'])
        context = self.context()
        context.set_alpn_protocols(["h2"])
        self.assertIsNone(self.connect(context=context).selected_alpn_protocol())
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
                              input="", capture_output=True, text=True, timeout=PATIENCE) if shutil.which("openssl") else None
        self.assertTrue(done is None or done.returncode != 0)

    def test_keep_alive_and_pipelining(self):
        sock = self.connect()
        for _ in range(3):
            sock.sendall(HEALTH)
            self.assertEqual(read_answers(sock, 1), [b'{"status":"ok"}'])
        sock.sendall(HEALTH * 500)
        self.assertEqual(read_answers(sock, 500), [b'{"status":"ok"}'] * 500)
        # Writes are answered later; what is pipelined behind them waits its turn.
        self.assertEqual(self.call("CreateTable", {
            "TableName": "piped", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]})[0], 200)
        put = b""
        for i in range(50):
            body = json.dumps({"TableName": "piped", "Item": {"pk": {"S": str(i)}, "pad": {"S": "x" * 2000}}}).encode()
            lines = "".join(f"{name}: {value}\r\n" for name, value in {**HEADERS, "X-Amz-Target": "DynamoDB_20120810.PutItem", "Host": "h"}.items())
            put += f"POST / HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body + HEALTH
        sock.sendall(put)
        self.assertEqual(read_answers(sock, 100), [b"{}", b'{"status":"ok"}'] * 50)
        # Every byte in a record of its own.
        for i in range(len(HEALTH)):
            sock.sendall(HEALTH[i:i + 1])
        self.assertEqual(read_answers(sock, 1), [b'{"status":"ok"}'])

    def test_large(self):
        self.call("CreateTable", {
            "TableName": "large", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]})
        client = self.client()
        for i in range(3):
            self.assertEqual(self.call("PutItem", {"TableName": "large", "Item": {"pk": {"S": "p"}, "sk": {"S": str(i)}, "pad": {
                "S": chr(97 + i) * 340_000}}}, client), (200, {}))
        query = {"TableName": "large", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
        status, answer = self.call("Query", query, client)
        self.assertEqual((status, [len(item["pad"]["S"]) for item in answer["Items"]]), (200, [340_000] * 3))
        # 16 MB are no JSON, but taken; a byte more is not.
        self.assertEqual(self.call("PutItem", b"x" * (16 << 20), client), (400, {"__type": "com.amazon.coral.service#SerializationException"}))
        client.request("POST", "/", b"x" * ((16 << 20) + 1), HEADERS)
        self.assertEqual(client.getresponse().status, 413)
        # A client that reads slowly, with more behind it.
        sock = self.connect()
        body = json.dumps(query).encode()
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**HEADERS, "X-Amz-Target": "DynamoDB_20120810.Query", "Host": "h"}.items())
        sock.sendall((f"POST / HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body) * 8)
        self.assert_serves()
        bodies = read_answers(sock, 8)
        self.assertEqual({len(one) for one in bodies}, {len(bodies[0])})
        self.assertGreater(len(bodies[0]), 1_020_000)

    def test_end(self):
        sock = self.connect()
        sock.sendall(b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        text = b""
        while more := sock.recv(1000):  # ends with a goodbye: no SSLEOFError
            text += more
        self.assertTrue(text.endswith(b'{"status":"ok"}'))
        # The client's goodbye right behind its request: it is answered.
        sock = self.connect()
        sock.sendall(HEALTH)
        self.assertEqual(read_answers(sock, 1), [b'{"status":"ok"}'])
        sock.settimeout(PATIENCE)
        sock.unwrap()

    def test_nonsense(self):
        hello = self.client_hello()
        for text in (b"\0" * 100, os.urandom(5000), b"\x16\x03\x01\xff\xff" + b"x" * 100, hello[:-1] + b"\0" * 600, b"\x15\x03\x01\0\2\2\0",
                     b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"):
            sock = self.plain_socket()
            sock.sendall(text)
            sock.shutdown(socket.SHUT_WR)
            try:
                while sock.recv(65536):
                    pass
            except ConnectionResetError:
                pass
        # Garbage in place of a record, after a good handshake.
        raw = self.plain_socket()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        talk = self.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        while True:
            try:
                talk.do_handshake()
                break
            except ssl.SSLWantReadError:
                raw.sendall(outgoing.read())
                incoming.write(raw.recv(65536))
        raw.sendall(outgoing.read() + b"\x17\x03\x03\0\x20" + b"?" * 32)
        while raw.recv(65536):
            pass  # tickets and an alert, then the end
        self.assert_serves()

    def test_plain_http(self):
        client = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        client.request("GET", "/health")
        answer = client.getresponse()
        self.assertEqual((answer.status, answer.read()), (426, b"This port speaks https only.\n"))
        client.close()
        self.assertEqual(subprocess.run([PROGRAM, "healthcheck", "-port", str(self.server.port)], timeout=PATIENCE).returncode, 0)

    def client_hello(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        talk = self.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            talk.do_handshake()
        return outgoing.read()

    def test_half_handshakes(self):
        hello = self.client_hello()
        waiting = []
        for i in range(200):
            sock = self.plain_socket()
            sock.sendall(hello[:len(hello) * (i % 10) // 10] if i % 2 else hello)
            waiting.append(sock)
        began = time.monotonic()
        self.assert_serves()
        self.assertLess(time.monotonic() - began, PATIENCE / 2)
        for sock in waiting:
            sock.close()
        self.assert_serves()

    @unittest.skipIf(shutil.which("openssl") is None, "no openssl here")
    def test_renegotiation(self):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_2", "-CAfile", self.cert],
                              input="R\n", capture_output=True, text=True, timeout=PATIENCE)
        self.assertIn("RENEGOTIATING", done.stdout + done.stderr)
        self.assertIn("no renegotiation", done.stderr)
        self.assert_serves()

    @unittest.skipIf(boto3 is None, "no boto3 here")
    def test_boto3(self):
        client = boto3.client("dynamodb", endpoint_url=f"https://localhost:{self.server.port}", region_name="eu-central-1", verify=self.cert,
                              aws_access_key_id="a", aws_secret_access_key="b")
        self.assertEqual(client.list_tables()["TableNames"], [])

    @unittest.skipIf(shutil.which("curl") is None, "no curl here")
    def test_curl(self):
        for version in ("--tls-max=1.2", "--tlsv1.3"):
            done = subprocess.run(["curl", "-sS", "--cacert", self.cert, *version.split("="), f"https://localhost:{self.server.port}/health"],
                                  capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((done.stdout, done.stderr), ('{"status":"ok"}', ""))

    @unittest.skipIf(shutil.which("node") is None, "no node here")
    def test_node(self):
        script = """
const https = require("https"), fs = require("fs");
const agent = new https.Agent({ca: fs.readFileSync(process.argv[1]), keepAlive: true, maxSockets: 1});
const get = () => new Promise((done, fail) => https.get({host: "localhost", port: +process.argv[2], path: "/health", agent}, (answer) => {
  let text = ""; answer.on("data", (part) => text += part); answer.on("end", () => done(text)); }).on("error", fail));
get().then(get).then((text) => { process.stdout.write(text); agent.destroy(); });
"""
        done = subprocess.run(["node", "-e", script, self.cert, str(self.server.port)], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.stdout, done.stderr), ('{"status":"ok"}', ""))


class Start(unittest.TestCase):
    def test_stop_with_open_connections(self):
        with tempfile.TemporaryDirectory() as folder:
            cert = str(Path(folder) / "cert.pem")
            with Stator("-inMemory", "-tls", "-tlsCertOut", cert) as server:
                context = ssl.create_default_context(cafile=cert)
                socks = [context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE), server_hostname="localhost")
                         for _ in range(20)]
                socks[0].sendall(HEALTH)
                read_answers(socks[0], 1)
                stuck = socket.create_connection(("127.0.0.1", server.port))
                stuck.sendall(b"\x16\x03\x01\x02")
                self.assertEqual(server.stop(), 0)
                self.assertLess(server.stop_seconds, 3)  # milliseconds; sanitizers need longer
                self.assertEqual(socks[1].recv(10), b"")  # a goodbye
                for sock in socks + [stuck]:
                    sock.close()

    @unittest.skipIf(shutil.which("openssl") is None, "no openssl here")
    def test_given_files(self):
        with tempfile.TemporaryDirectory() as folder:
            def path(name):
                return str(Path(folder) / name)

            def make(name, *more):
                subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", path(name + ".key"), "-out", path(name + ".crt"), "-days",
                                "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", *more], check=True, capture_output=True)
            make("a", "-nodes")
            make("b", "-nodes")
            make("locked", "-passout", "pass:secret")
            subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("ec.key")], check=True,
                           capture_output=True)
            Path(path("junk")).write_text("junk\n")
            with Stator("-inMemory", "-tlsCert", path("a.crt"), "-tlsKey", path("a.key")) as server:
                client = http.client.HTTPSConnection("localhost", server.port, context=ssl.create_default_context(cafile=path("a.crt")), timeout=PATIENCE)
                client.request("GET", "/health")
                self.assertEqual(client.getresponse().read(), b'{"status":"ok"}')
                client.close()
            for cert, key, said in (
                    ("none.crt", "a.key", f"cannot use -tlsCert {path('none.crt')}: No such file or directory"),
                    ("junk", "a.key", f"cannot use -tlsCert {path('junk')}: no start line"),
                    ("a.crt", "none.key", f"cannot use -tlsKey {path('none.key')}: No such file or directory"),
                    ("a.crt", "junk", f"cannot use -tlsKey {path('junk')}: "),
                    ("a.crt", "locked.key", f"cannot use -tlsKey {path('locked.key')}: "),
                    ("a.crt", "b.key", f"cannot use -tlsKey {path('b.key')}: key values mismatch. "),
                    ("a.crt", "ec.key", f"-tlsKey {path('ec.key')} does not belong to -tlsCert {path('a.crt')}\n")):
                refused = refusal("-inMemory", "-tlsCert", path(cert), "-tlsKey", path(key))
                self.assertEqual((refused.status, refused.stderr.count("\n"), refused.stdout), (1, 1, ""), refused.stderr)
                self.assertTrue(refused.stderr.startswith("stator: " + said), refused.stderr)

    def test_refusals(self):
        self.assertEqual(refusal("-tlsCert", "x").stderr, "stator: -tlsCert and -tlsKey go together: -tlsKey is missing\n")
        self.assertEqual(refusal("-tlsKey", "x").stderr, "stator: -tlsCert and -tlsKey go together: -tlsCert is missing\n")
        self.assertEqual(refusal("-tlsCertOut", "x").stderr, "stator: -tlsCertOut is for the certificate that -tls makes, without -tlsCert\n")
        self.assertEqual(refusal("-inMemory", "-tls", "-tlsCertOut", "/nowhere/x").stderr,
                         "stator: cannot write -tlsCertOut /nowhere/x: No such file or directory\n")


if __name__ == "__main__":
    unittest.main()
