#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How people's tools start a server and wait for it, replayed (reference: demand.md §2.4): the modules of Testcontainers, npm wrappers, .NET Aspire,
health checks of compose files and CI services. Each is a row: who, what they run or ask, what must come back. The server stands in a folder laid
out as the image is, under the name `java`. A row whose tool is missing here is named and left out."""
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from stator import PATIENCE, PROGRAM, Stator

DEVELOPERS_JAVA = "text/html, image/gif, image/jpeg, */*; q=0.2"  # what HttpURLConnection accepts when its user says nothing
FIRST_LINE = "Initializing DynamoDB Local with the following configuration"


class Image:
    """A folder like the image's: the stub of the jar, the library folder, and on the path `java`, which is the program."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name, "dynamodblocal")
        binaries = Path(self.folder.name, "bin")
        for directory in (self.home, self.home / "DynamoDBLocal_lib", binaries):
            directory.mkdir()
        (self.home / "DynamoDBLocal.jar").touch()
        for name in ("java", "stator"):
            (binaries / name).symlink_to(PROGRAM)
        self.env = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}


class Container(Stator):
    """A server started by somebody's command line, which says -port 0; what Stator does from its flags, this does from the image."""

    def __init__(self, image, command):
        self.stderr_file = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command.split(), stdout=subprocess.PIPE, stderr=self.stderr_file, cwd=image.home, env=image.env)
        self.banner = ""
        end = time.monotonic() + PATIENCE
        while "\n\n" not in self.banner:  # the blank line that ends the banner
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                self.process.kill()
                raise AssertionError(f"{command}: no banner: {self.banner}")
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, f"{command}: it ended: {self.stderr()}"
            self.banner += more.decode()
        self.port = int(re.search(r"^Port:\t(\d+)$", self.banner, re.M).group(1))


# Who starts it, how (with -port 0 for the port in the container), what ends it.
STARTS = [
    ("Testcontainers Go", "java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -port 0", signal.SIGTERM),
    ("Testcontainers Go, WithSharedDB, WithDisableTelemetry",
     "java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -sharedDb -disableTelemetry -port 0", signal.SIGTERM),
    ("Testcontainers .NET and Rust: the image's own command", "java -jar DynamoDBLocal.jar -inMemory -port 0", signal.SIGTERM),
    ("Testcontainers Java, a GenericContainer", "java -jar DynamoDBLocal.jar -inMemory -sharedDb -port 0", signal.SIGTERM),
    ("Testcontainers Node, withCommand", "java -jar DynamoDBLocal.jar -sharedDb -inMemory -port 0", signal.SIGKILL),
    (".NET Aspire", "java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -disableTelemetry -inMemory -sharedDb -port 0", signal.SIGTERM),
    ("dynamodb-local of npm, so jest-dynamodb", "java -Xrs -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -port 0 -sharedDb -inMemory", signal.SIGKILL),
    ("dynamodb-localhost of npm, so serverless-dynamodb-local",
     "java -Xms32m -Xmx1g -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -port 0 -inMemory -sharedDb -cors * -delayTransientStatuses", signal.SIGKILL),
    ("rrainn/dynamodb-action", "java -jar DynamoDBLocal.jar -port 0 -inMemory -sharedDb -delayTransientStatuses", signal.SIGTERM),
    ("LocalStack", "java -Xmx256m -javaagent:a.jar -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -port 0 -inMemory -sharedDb", signal.SIGKILL),
    ("floci", "java -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar -port 0 -inMemory", signal.SIGTERM),
]

# What they look for in its output: who, pattern, how often.
LOGS = [
    ("Testcontainers Rust", re.escape(FIRST_LINE), 1),
    ("Testcontainers Java and Scala, Wait.forLogMessage", r".*CorsParams:.*", 1),
    ("wrappers of npm", rf"\A{FIRST_LINE}:\n", 1),
    ("people's scripts", r"^Port:\t\d+$", 1),
    ("people's scripts", r"^InMemory:\t(true|false)$", 1),
]

# What they ask by HTTP: who, method, path, headers as that client sends them, the status that must come.
REQUESTS = [
    ("Testcontainers .NET, UntilHttpRequestIsSucceeded", "GET", "/", {}, 400),
    ("Testcontainers Java, Wait.forHttp", "GET", "/", {"User-Agent": "Java/17.0.15", "Accept": DEVELOPERS_JAVA, "Connection": "keep-alive"}, 400),
    ("Testcontainers Java, Wait.forHttp, older JDK", "GET", "/", {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "Connection": "keep-alive"}, 400),
    ("Testcontainers Go, wait.ForHTTP", "GET", "/", {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}, 400),
    ("Testcontainers Node, Wait.forHttp", "GET", "/", {"accept": "*/*", "accept-language": "*", "sec-fetch-mode": "cors", "user-agent": "undici"}, 400),
    ("Testcontainers Rust, WaitFor::http", "GET", "/", {"accept": "*/*"}, 400),
    ("jest-dynamodb, waitForLocalhost", "GET", "/", {"Connection": "keep-alive"}, 400),
    ("curl", "GET", "/", {"User-Agent": "curl/8.14.1", "Accept": "*/*"}, 400),
    ("curl -I", "HEAD", "/", {"User-Agent": "curl/8.14.1", "Accept": "*/*"}, 400),
    ("a POST that is not signed", "POST", "/", {"Content-Length": "0"}, 400),
    ("compose: the shell", "GET", "/shell/", {"Accept": "*/*"}, 200),
    ("compose: the shell, HEAD", "HEAD", "/shell/", {"Accept": "*/*"}, 200),
    ("compose: the shell without its slash", "GET", "/shell", {"Accept": "*/*"}, 302),
    ("Testcontainers LocalStack, Go and .NET", "GET", "/_localstack/health", {}, 200),
    ("our own", "GET", "/health", {}, 200),
    ("a browser", "GET", "/", {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, 302),
]

# What they run beside it: who, tool, command ({port}, {hex}), exit status. Those of Testcontainers are what its modules run in the container.
GO_CHECK = """true && (
  cat /proc/net/tcp* | awk '{{print $2}}' | grep -i :{hex} ||
  nc -vz -w 1 localhost {port} ||
  /bin/sh -c '</dev/tcp/localhost/{port}'
)"""
JAVA_CHECK = ("true && (cat /proc/net/tcp* | awk '{{print $2}}' | grep -i ':0*{hex}' || nc -vz -w 1 localhost {port} || "
              "/bin/bash -c '</dev/tcp/localhost/{port}')")
CODE = "$(curl -s -o /dev/null -I -w '%{{http_code}}' http://localhost:{port})"
COMMANDS = [
    ("Testcontainers Go, wait.ForListeningPort", "sh awk", GO_CHECK, 0),
    ("Testcontainers Java, the default wait", "sh awk", JAVA_CHECK, 0),
    ("Testcontainers Node, the default wait, 1 of 3", "sh awk", "cat /proc/net/tcp* | awk '{{print $2}}' | grep -i :{hex}", 0),
    ("Testcontainers Node, the default wait, 2 of 3", "sh nc", "nc -vz -w 1 localhost {port}", 0),
    ("Testcontainers Node, the default wait, 3 of 3", "bash", "</dev/tcp/localhost/{port}", 0),
    ("Testcontainers .NET, UntilPortIsAvailable", "bash", "true && (grep -i ':0*{hex}' /proc/net/tcp* || </dev/tcp/localhost/{port})", 0),
    ("StackOverflow 77373799, compose files", "bash curl", f'[ "{CODE}" == "400" ]', 0),
    ("compose files", "bash curl", f'if [ "{CODE}" == "400" ]; then exit 0; else exit 1; fi', 0),
    ("compose files, GitHub --health-cmd", "sh curl", "curl -f http://localhost:{port}/shell/ || exit 1", 0),
    ("compose files", "sh curl", "curl -f http://localhost:{port}/shell || exit 1", 0),
    ("compose files", "sh curl", "curl http://localhost:{port} || exit 1", 0),
    ("compose files that never were healthy, as with DynamoDB Local", "sh curl", "curl -f http://localhost:{port} || exit 1", 1),
    ("CI scripts", "sh curl", "until [ 400 = $(curl -s -o /dev/null -w '%{{http_code}}' http://localhost:{port}/) ]; do sleep 0.1; done", 0),
    ("devenv and others", "sh curl", "until curl -s http://localhost:{port} >/dev/null; do sleep 0.1; done", 0),
    ("aws-sdk-js-v3#4294", "bash", "bash -c 'cat < /dev/null > /dev/tcp/localhost/{port}'", 0),
    ("Makefiles", "sh nc", "nc -z localhost {port}", 0),
    ("scripts for LocalStack", "sh curl", "curl -s http://localhost:{port}/_localstack/health | grep -q '\"dynamodb\": \"available\"'", 0),
    ("compose files for LocalStack", "sh curl", "curl -f http://localhost:{port}/_localstack/health", 0),
    ("the image's HEALTHCHECK", "sh", "stator healthcheck -port {port}", 0),
]


class Starts(unittest.TestCase):
    def test_each_is_ready_with_its_banner_and_ends(self):
        for who, command, number in STARTS:
            with self.subTest(who):
                image = Image()
                with Container(image, command) as server:
                    # Whoever waits for a line of the output goes on at once: the port must be open by now.
                    self.assertEqual(server.must("ListTables", {}), {"TableNames": []})
                    server.create_table()
                    self.assertEqual(server.stop(number), 0 if number == signal.SIGTERM else -number)
                image.folder.cleanup()


class Waits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.image = Image()
        cls.server = Container(cls.image, "java -jar DynamoDBLocal.jar -inMemory -port 0")

    @classmethod
    def tearDownClass(cls):
        with cls.server:
            pass
        cls.image.folder.cleanup()

    def test_output(self):
        for who, pattern, times in LOGS:
            with self.subTest(who, pattern=pattern):
                self.assertEqual(len(re.findall(pattern, self.server.banner, re.M)), times)

    def test_requests(self):
        """A probe's connection to `/` ends with its answer: a client that keeps it open would keep a test runner alive (jest-dynamodb#223)."""
        for who, method, path, headers, status in REQUESTS:
            with self.subTest(who):
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                with socket.create_connection(("localhost", self.server.port), timeout=PATIENCE) as sock:
                    sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.server.port}\r\n{lines}\r\n".encode())
                    answer = sock.recv(65536)
                    closes = path == "/" and status == 400 and method != "POST"
                    while closes and (more := sock.recv(65536)):
                        answer += more
                head, _, body = answer.partition(b"\r\n\r\n")
                self.assertEqual(int(head.split()[1]), status)
                self.assertEqual(b"connection: close" in head.lower(), closes)
                self.assertEqual(body == b"", method == "HEAD" or status == 302)

    def test_tcp(self):
        for host in ("127.0.0.1", "::1", "localhost"):
            with self.subTest(host), socket.create_connection((host, self.server.port), timeout=PATIENCE):
                pass

    def run_one(self, tools, command, server):
        shell = shutil.which(tools.split()[0])
        text = command.format(port=server.port, hex=f"{server.port:04x}")
        return subprocess.run([shell, "-c", text], env=self.image.env, cwd=self.image.home, capture_output=True, text=True, timeout=PATIENCE)

    def test_commands(self):
        for who, tools, command, status in COMMANDS:
            missing = [tool for tool in tools.split() if shutil.which(tool) is None]
            if missing:
                print(f"left out, no {' and '.join(missing)} here: {who}", flush=True)
                continue
            with self.subTest(who, command=command):
                done = self.run_one(tools, command, self.server)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)

    def test_commands_that_want_200(self):
        """-healthy serves those that want `/` to succeed, as it does on the service."""
        if shutil.which("curl") is None:
            self.skipTest("no curl here")
        with Stator("-inMemory", "-healthy") as server:
            done = self.run_one("sh", "curl -f http://localhost:{port} || exit 1", server)
            self.assertEqual((done.returncode, done.stdout), (0, "healthy: dynamodb.us-east-1.amazonaws.com "))

    def test_nothing_is_ready_when_nothing_is_there(self):
        """The commands can tell: on a port where nobody listens each of them fails (those that loop would not end)."""
        class Nobody:
            pass
        with socket.socket() as bound:  # taken, but not listening
            bound.bind(("127.0.0.1", 0))
            Nobody.port = bound.getsockname()[1]
            for who, tools, command, status in COMMANDS:
                if status == 0 and "until " not in command and all(shutil.which(tool) for tool in tools.split()):
                    with self.subTest(who, command=command):
                        self.assertNotEqual(self.run_one(tools, command, Nobody).returncode, 0)


if __name__ == "__main__":
    unittest.main()
