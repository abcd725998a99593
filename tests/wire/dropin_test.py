#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""In the place of amazon/dynamodb-local: its command lines under the name java, variables, port file, health check, probes, CORS, a parent that ends,
directories that don't work. reference: demand.md §1, §2."""
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from stator import AUTHORIZATION, PATIENCE, PROGRAM, Stator, refusal

UNSIGNED = {"__type": "com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken",
            "Message": "Request must contain either a valid (registered) AWS access key ID or X.509 certificate."}
NOBODY = pwd.getpwnam("nobody").pw_uid


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **how)


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class AsJava(unittest.TestCase):
    """The program by the name `java`, as images and test modules call it."""
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.java = os.path.join(cls.folder.name, "java")
        os.symlink(PROGRAM, cls.java)
        Path(cls.folder.name, "data").mkdir()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def banner(self, line, env=None):
        process = subprocess.Popen([self.java, *line.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   cwd=self.folder.name, env={**os.environ, **(env or {})})
        lines = [process.stdout.readline() for _ in range(9)]
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual((process.returncode, errors), (0, ""), line)
        self.assertEqual(rest, "")
        return lines

    def test_command_lines_that_people_have(self):
        version = run(self.java, "-jar", "DynamoDBLocal.jar", "-version").stdout.strip()
        for line, memory, path, shared in (
                ("-jar DynamoDBLocal.jar -inMemory -port 0", "true", "null", "false"),
                ("-jar DynamoDBLocal.jar -sharedDb -dbPath ./data -port 0", "false", "./data", "true"),
                ("-jar DynamoDBLocal.jar -port 0 -sharedDb -optimizeDbBeforeStartup -dbPath data/", "false", "data/", "true"),
                ("-Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -sharedDb -inMemory -disableTelemetry -port 0",
                 "true", "null", "true"),
                ("-Xmx256m -XX:+UseG1GC -javaagent:a.jar -Djava.library.path=lib -cp lib/* "
                 "com.amazonaws.services.dynamodbv2.local.main.ServerRunner --inMemory --port 0", "true", "null", "false"),
                ("-server -classpath x software.amazon.dynamodb.services.local.main.ServerRunner -inMemory -port=0", "true", "null", "false"),
                ("-sharedDb -inMemory -cors * -port 0", "true", "null", "true")):
            lines = self.banner(line)
            cors = "*" if "-cors" in line else "null"
            self.assertEqual(lines[0], "Initializing DynamoDB Local with the following configuration:\n")
            self.assertRegex(lines[1], r"\APort:\t[1-9]\d*\n\Z")
            self.assertEqual(lines[2:8], [f"InMemory:\t{memory}\n", f"Version:\t{version}\n", f"DbPath:\t{path}\n", f"SharedDb:\t{shared}\n",
                                          "shouldDelayTransientStatuses:\tfalse\n", f"CorsParams:\t{cors}\n"], line)
            self.assertEqual(lines[8], "\n")

    def test_versions(self):
        for flag in ("-version", "--version"):
            done = run(self.java, flag)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertRegex(done.stderr, r'\Aopenjdk version "\d+" .*Stator')
        done = run(self.java, "-Dx=y", "-jar", "DynamoDBLocal.jar", "-version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\A\d+\.\d+\.\d+\n\Z")
        done = run(PROGRAM, "--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()],
                         ["stator", "commit", "libuv", "llhttp", "lmdb", "openssl", "yyjson", "libdeflate"])
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"\A\w+ \S+\Z")

    def test_what_is_no_jvm(self):
        done = run(self.java, "-jar", "app.jar")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("not a JVM", done.stderr)


class Variables(unittest.TestCase):
    def test_they_stand_for_flags(self):
        with tempfile.TemporaryDirectory() as directory:
            with Stator(env={"STATOR_DB_PATH": directory, "STATOR_SHARED_DB": "1", "STATOR_CORS": "http://a"}) as server:
                self.assertIn(f"\nDbPath:\t{directory}\nSharedDb:\ttrue\n", server.banner)
                self.assertIn("\nCorsParams:\thttp://a\n", server.banner)

    def test_the_command_line_wins(self):
        with tempfile.TemporaryDirectory() as directory:
            with Stator("-inMemory", env={"STATOR_DB_PATH": directory, "STATOR_PORT": "1"}) as server:
                self.assertIn("\nDbPath:\tnull\n", server.banner)
                self.assertIn("STATOR_DB_PATH is not heeded: the command line says -inMemory", server.stderr())
            self.assertEqual(os.listdir(directory), [])

    def test_wrong_ones(self):
        refused = refusal("-inMemory", env={"STATOR_SHARED_DB": "maybe"})
        self.assertEqual(refused.status, 2)
        self.assertIn("STATOR_SHARED_DB", refused.stderr)


class TextNumbers(unittest.TestCase):
    """What dynamodb-admin's form for tables sends: DynamoDB Local takes it, the service does not."""
    def test_they_are_taken_when_asked_for(self):
        body = {"TableName": "admin", "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": "3", "WriteCapacityUnits": "4"}}
        with Stator("-inMemory") as server:
            status, answer = server.call("CreateTable", body)
            self.assertEqual((status, answer["__type"]), (400, "com.amazon.coral.service#SerializationException"))
        with Stator("-inMemory", env={"STATOR_TEXT_NUMBERS": "1"}) as server:
            server.must("CreateTable", body)
            shown = server.must("DescribeTable", {"TableName": "admin"})["Table"]["ProvisionedThroughput"]
            self.assertEqual((shown["ReadCapacityUnits"], shown["WriteCapacityUnits"]), (3, 4))


class PortFile(unittest.TestCase):
    def test_it_is_there_when_the_port_is(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "port")
            path.write_text("1\n")  # of an earlier run
            process = subprocess.Popen([PROGRAM, "-inMemory", "-port", "0", "--port-file", path], stdout=subprocess.DEVNULL)
            port = int(wait_for(lambda: path.exists() and path.read_text().strip() not in ("", "1") and path.read_text()))
            socket.create_connection(("127.0.0.1", port)).close()
            self.assertEqual(os.listdir(directory), ["port"])
            self.assertEqual(run(PROGRAM, "healthcheck", env={"STATOR_PORT_FILE": str(path), "STATOR_PORT": "1"}).returncode, 0)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)
            self.assertEqual(os.listdir(directory), [])

    def test_a_place_that_does_not_work(self):
        refused = refusal("-inMemory", "-port-file", "/nowhere/port")
        self.assertEqual((refused.status, refused.stdout), (1, ""))
        self.assertRegex(refused.stderr, r"\Astator: cannot write the port file /nowhere/port: [^\n]+\n\Z")
        with Stator("-inMemory", env={"STATOR_PORT_FILE": "/nowhere/port"}) as server:  # the image's own: no reason not to serve
            self.assertIn("cannot write the port file /nowhere/port", server.stderr())


class Readiness(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Stator("-inMemory")

    @classmethod
    def tearDownClass(cls):
        with cls.server:
            pass

    def raw(self, request, server=None):
        """Everything until the server closes."""
        with socket.create_connection(("127.0.0.1", (server or self.server).port), timeout=PATIENCE) as s:
            s.sendall(request)
            answer = b""
            while more := s.recv(65536):
                answer += more
        return answer.decode()

    def test_bare_probe_is_answered_and_closed(self):
        answer = self.raw(b"GET / HTTP/1.1\r\nHost: localhost:8000\r\nAccept: */*\r\n\r\n")
        self.assertTrue(answer.startswith("HTTP/1.1 400 "))
        self.assertIn("\r\nConnection: close\r\n", answer)
        self.assertEqual(json.loads(answer.split("\r\n\r\n", 1)[1]), UNSIGNED)
        answer = self.raw(b"HEAD / HTTP/1.1\r\nHost: localhost:8000\r\n\r\n")
        self.assertTrue(answer.startswith("HTTP/1.1 400 "))
        self.assertTrue(answer.endswith("\r\n\r\n"))
        answer = self.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")  # wait-on, unsigned
        self.assertTrue(answer.startswith("HTTP/1.1 400 "))

    def get(self, path, headers=None):
        connection = self.server.connect()
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def test_pages(self):
        answer, body = self.get("/shell/")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.getheader("Content-Type").startswith("text/html"))
        self.assertIn(b"Stator", body)
        answer, body = self.get("/health")
        self.assertEqual((answer.status, json.loads(body)["status"]), (200, "ok"))
        answer, _ = self.get("/", {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        self.assertEqual((answer.status, answer.getheader("Location")), (302, "/shell/"))

    def test_any_tcp_connection(self):
        with socket.create_connection(("127.0.0.1", self.server.port)):  # bash's /dev/tcp, wait.ForListeningPort
            pass
        tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        self.assertRegex(tables, f":{self.server.port:04X} [0-9A-F]+:0000 0A ")  # what the Java and Node modules read

    def test_the_services_own_answer(self):
        with Stator("-inMemory", "-healthy") as server:
            answer = self.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", server)
            self.assertTrue(answer.startswith("HTTP/1.1 200 "))
            self.assertTrue(answer.endswith("\r\n\r\nhealthy: dynamodb.us-east-1.amazonaws.com "))

    def test_healthcheck(self):
        port = str(self.server.port)
        for command, env in ((["-port", port], {}), ([], {"STATOR_PORT": port}), (["-host", "localhost", "--port", port], {}),
                             (["-port", port], {"STATOR_HOST": "0.0.0.0", "STATOR_PORT": "1"})):
            done = run(PROGRAM, "healthcheck", *command, env={**os.environ, **env})
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with socket.create_server(("127.0.0.1", 0)) as other:  # listens, but is no server of ours
            closed = threading.Thread(target=lambda: other.accept()[0].close())
            closed.start()
            done = run(PROGRAM, "healthcheck", "-port", str(other.getsockname()[1]))
            closed.join()
            self.assertEqual(done.returncode, 1)
            port = str(other.getsockname()[1])
        done = run(PROGRAM, "healthcheck", "-port", port)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Astator: nothing listens on [^\n]+\n\Z")


class CrossOrigin(unittest.TestCase):
    """demand.md #21: an error without the header looks like a CORS error in a browser."""
    def test_every_answer(self):
        with Stator("-inMemory") as server:
            signed = {"Authorization": AUTHORIZATION, "X-Amz-Date": "20260101T000000Z", "Content-Type": "application/x-amz-json-1.0"}
            for method, path, body, headers, status in (
                    ("POST", "/", "{}", {**signed, "X-Amz-Target": "DynamoDB_20120810.ListTables"}, 200),
                    ("POST", "/", '{"TableName":"no"}', {**signed, "X-Amz-Target": "DynamoDB_20120810.DescribeTable"}, 400),
                    ("POST", "/", "{", {**signed, "X-Amz-Target": "DynamoDB_20120810.ListTables"}, 400),
                    ("POST", "/", "{}", {**signed, "X-Amz-Target": "DynamoDB_20120810.Nothing"}, 400),
                    ("POST", "/", "{}", {"Content-Type": "application/json", "X-Amz-Target": "DynamoDB_20120810.ListTables"}, 400),
                    ("GET", "/", None, {}, 400), ("GET", "/nothing", None, {}, 404), ("PUT", "/", "{}", {}, 404), ("GET", "/shell/", None, {}, 200),
                    ("POST", "/", b"no gzip", {**signed, "Content-Encoding": "gzip", "X-Amz-Target": "DynamoDB_20120810.ListTables"}, 400)):
                connection = server.connect()
                connection.request(method, path, body, {**headers, "Origin": "http://localhost:3000"})
                answer = connection.getresponse()
                answer.read()
                connection.close()
                self.assertEqual(answer.status, status, (method, path, body))
                self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), "*", (method, path, body))
                if status != 400 or body != b"no gzip":
                    self.assertEqual(answer.getheader("Access-Control-Expose-Headers"), "x-amzn-RequestId, x-amz-crc32", (method, path, body))

    def test_what_is_refused_before_it_is_a_request(self):
        with Stator("-inMemory") as server:
            for request, status in ((b"no request\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\nX: " + b"x" * 70000, b"431"),
                                    (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413")):
                with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as s:
                    s.sendall(request)
                    answer = s.recv(1000)
                self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), answer)
                self.assertIn(b"\r\nAccess-Control-Allow-Origin: *\r\n", answer)
        with Stator("-inMemory", "-cors", "http://a") as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as s:
                s.sendall(b"no request\r\n\r\n")
                self.assertNotIn(b"Access-Control", s.recv(1000))

    def test_preflight_and_lists(self):
        with Stator("-inMemory", "-cors", "http://a,http://b") as server:
            for origin, allowed in (("http://b", "http://b"), ("http://c", None)):
                connection = server.connect()
                connection.request("OPTIONS", "/", headers={"Origin": origin, "Access-Control-Request-Method": "POST",
                                                            "Access-Control-Request-Headers": "authorization,x-amz-target"})
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), allowed)
                self.assertEqual(answer.getheader("Access-Control-Allow-Headers"), "authorization,x-amz-target")
                connection.close()


class Parent(unittest.TestCase):
    def test_it_goes_with_its_parent(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "port")
            script = ("import subprocess, sys, time\n"
                      f"p = subprocess.Popen([{PROGRAM!r}, '-inMemory', '-port', '0', '--exit-with-parent', '--port-file', {str(path)!r}])\n"
                      "print(p.pid, flush=True)\nsys.stdin.read()\n")
            parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            pid = int(parent.stdout.readline())
            port = int(wait_for(lambda: path.exists() and path.read_text()))
            with socket.create_connection(("127.0.0.1", port)):
                self.assertTrue(is_alive(pid))
                parent.kill()
                parent.wait(PATIENCE)
                wait_for(lambda: not is_alive(pid))
            self.assertFalse(path.exists())  # it ended in order
            parent.stdin.close()
            parent.stdout.close()


class Life(unittest.TestCase):
    def test_signal_at_any_time(self):
        """Also before it serves: process 1 of a container would not hear it a second time."""
        for pause in (0, 0.001, 0.002, 0.004, 0.008, 0.016):
            process = subprocess.Popen([PROGRAM, "-inMemory", "-port", "0"], stdout=subprocess.DEVNULL)
            time.sleep(pause)
            process.send_signal(signal.SIGTERM)
            self.assertIn(process.wait(PATIENCE), (0, -signal.SIGTERM))  # the latter: before main

    def test_again_at_once_on_the_same_port(self):
        """SO_REUSEADDR: connections of the one before are still in TIME_WAIT."""
        server = Stator("-inMemory")
        port = server.port
        connection = server.connect()
        server.must("ListTables", {}, connection)
        self.assertEqual(server.stop(), 0)
        connection.close()
        server.stderr_file.close()
        with Stator("-inMemory", port=port) as again:
            self.assertEqual(again.port, port)

    def test_as_process_1(self):
        """In a PID namespace of its own; skipped where the machine gives none."""
        if run("unshare", "--pid", "--fork", "true").returncode != 0:
            self.skipTest("no PID namespaces here")
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "port")
            outer = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", PROGRAM, "-dbPath", directory, "-port", "0",
                                      "-port-file", path], stdout=subprocess.DEVNULL)
            wait_for(path.exists)
            inner = int(Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text())
            began = time.monotonic()
            os.kill(inner, signal.SIGTERM)
            self.assertEqual(outer.wait(PATIENCE), 0)
            self.assertLess(time.monotonic() - began, 1.0)
            self.assertFalse(path.exists())

    def test_optimised_directory(self):
        """Room of deleted data goes back to the disk; what is left is all there."""
        with tempfile.TemporaryDirectory() as directory:
            with Stator("-dbPath", directory) as server:
                server.create_table()
                server.create_table("gone")
                connection = server.connect()
                for n in range(40):
                    server.must("PutItem", {"TableName": "gone", "Item": {"pk": {"S": str(n)}, "x": {"S": "x" * 100000}}}, connection)
                    server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": str(n)}}}, connection)
                for n in range(40):
                    server.must("DeleteItem", {"TableName": "gone", "Key": {"pk": {"S": str(n)}}}, connection)
                connection.close()
            before = Path(directory, "data.mdb").stat().st_size
            Path(directory, "data.mdb.compacted").write_text("half of one")
            with Stator("-dbPath", directory, "-optimizeDbBeforeStartup") as server:
                self.assertLess(Path(directory, "data.mdb").stat().st_size, before / 4)
                self.assertEqual(server.must("Scan", {"TableName": "things", "Select": "COUNT"})["Count"], 40)
                server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": "more"}}})
            with Stator("-dbPath", directory) as server:
                self.assertEqual(server.must("Scan", {"TableName": "things", "Select": "COUNT"})["Count"], 41)
            self.assertEqual(sorted(os.listdir(directory)), ["data.mdb", "stator.lock"])
            with tempfile.TemporaryDirectory() as empty, Stator("-dbPath", empty, "-optimizeDbBeforeStartup") as server:
                server.must("ListTables", {})


class TransientStatuses(unittest.TestCase):
    def test_an_added_index_takes_its_time(self):
        """-delayTransientStatuses, as DynamoDB Local 2.6.1: CREATING without, then with Backfilling, then ACTIVE; tables are ACTIVE at once."""
        with Stator("-inMemory", "-delayTransientStatuses") as server:
            self.assertIn("\nshouldDelayTransientStatuses:\ttrue\n", server.banner)
            server.create_table()
            server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": "a"}, "g": {"S": "b"}}})
            self.assertEqual(server.must("DescribeTable", {"TableName": "things"})["Table"]["TableStatus"], "ACTIVE")
            began = time.monotonic()
            server.must("UpdateTable", {
                "TableName": "things", "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}],
                "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                                                            "Projection": {"ProjectionType": "ALL"}}}]})
            query = {"TableName": "things", "IndexName": "by-g", "KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "b"}}}
            status, answer = server.call("UpdateTable", {"TableName": "things", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-g"}}]})
            self.assertEqual(status, 400)
            self.assertIn("ResourceInUseException", answer["__type"])
            self.assertIn("Index creation is in resource allocation phase.", answer["message"])
            self.assertEqual(server.call("Query", query)[0], 400)
            seen = []
            while not seen or seen[-1][1] != "ACTIVE":
                self.assertLess(time.monotonic(), began + PATIENCE)
                table = server.must("DescribeTable", {"TableName": "things"})["Table"]
                index = table["GlobalSecondaryIndexes"][0]
                now = (table["TableStatus"], index["IndexStatus"], index.get("Backfilling"))
                if seen[-1:] != [now]:
                    seen.append(now)
                time.sleep(0.01)
            self.assertEqual(seen, [("UPDATING", "CREATING", False), ("ACTIVE", "CREATING", True), ("ACTIVE", "ACTIVE", None)])
            self.assertGreater(time.monotonic() - began, 3.9)
            self.assertEqual(server.must("Query", query)["Count"], 1)


class Conflicts(unittest.TestCase):
    def errors_of_writes_that_arrive_together(self, *flags):
        """Puts and transactions on one item, sent while the program is stopped: it reads them all in its next turn."""
        with Stator("-inMemory", "-loops", "1", *flags) as server:
            server.create_table()
            connections = [server.connect() for _ in range(6)]
            for connection in connections:
                server.must("ListTables", {}, connection)
            server.process.send_signal(signal.SIGSTOP)
            wait_for(lambda: Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T")
            put = {"TableName": "things", "Item": {"pk": {"S": "a"}}}
            for i, connection in enumerate(connections):
                server.send(*(("PutItem", put) if i % 2 else ("TransactWriteItems", {"TransactItems": [{"Put": put}]})), connection)
            server.process.send_signal(signal.SIGCONT)
            answers = [json.loads(connection.getresponse().read()) for connection in connections]
            for connection in connections:
                connection.close()
            return {answer.get("__type", "none").rsplit("#", 1)[-1] for answer in answers}

    def test_only_when_asked_for(self):
        self.assertEqual(self.errors_of_writes_that_arrive_together(), {"none"})
        self.assertEqual(self.errors_of_writes_that_arrive_together("-conflicts"),
                         {"none", "TransactionConflictException", "TransactionCanceledException"})


class Directories(unittest.TestCase):
    """One line that says what to do, and a status: never a server that cannot work."""
    def refused(self, directory, *texts, **how):
        refused = refusal("-dbPath", str(directory), **how)
        self.assertEqual((refused.status, refused.stdout), (1, ""))
        self.assertRegex(refused.stderr, r"\Astator: [^\n]+\n\Z")
        for text in (str(directory), *texts):
            self.assertIn(text, refused.stderr)

    def used(self, directory):
        with Stator("-dbPath", str(directory)) as server:
            server.create_table()
        return Path(directory, "data.mdb")

    def test_missing_or_no_directory(self):
        with tempfile.TemporaryDirectory() as directory:
            self.refused(f"{directory}/none", "does not exist", "mkdir")
            Path(directory, "file").write_text("")
            self.refused(f"{directory}/file", "is not a directory")

    @unittest.skipIf(os.geteuid() != 0, "needs root to be somebody else")
    def test_volume_of_somebody_else(self):
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            volume = Path(directory, "volume")
            volume.mkdir(mode=0o755)
            program = os.path.join(directory, "stator")
            with open(PROGRAM, "rb") as source:
                Path(program).write_bytes(source.read())
            os.chmod(program, 0o755)

            def as_nobody(*flags):
                return run(program, "-port", "0", "-dbPath", volume, *flags, user=NOBODY, group=NOBODY, extra_groups=[])

            done = as_nobody()
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            for text in (str(volume), "uid 0", "mode 0755", f"this process is uid {NOBODY}", f"chown -R {NOBODY} {volume}", "--user 0"):
                self.assertIn(text, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
            self.used(volume)  # files of root in a directory that anybody may write
            os.chmod(volume, 0o777)
            os.remove(volume / "stator.lock")
            done = as_nobody()
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"cannot write {volume}/data.mdb: it belongs to uid 0 with mode 0600", done.stderr)

    def test_damaged(self):
        for number, damage in enumerate((lambda d: d[:len(d) // 2], lambda d: b"\0" * len(d), lambda d: os.urandom(len(d)), lambda d: b"SQLite format 3\0" + b"\x10" * 20000,
                       lambda d: d[:8192] + b"\xA5" * (len(d) - 8192))):
            with self.subTest(number), tempfile.TemporaryDirectory() as directory:
                file = self.used(directory)
                file.write_bytes(damage(file.read_bytes()))
                before = file.read_bytes()
                self.refused(directory, "data.mdb")
                self.assertEqual(file.read_bytes(), before)

    def test_newer_format(self):
        with tempfile.TemporaryDirectory() as directory:
            file = self.used(directory)
            text = file.read_bytes()
            changed = re.sub(rb"(\xFF\xFF\xFF\xFFformat)\d", rb"\g<1>9", text)
            self.assertNotEqual(text, changed)
            file.write_bytes(changed)
            self.refused(directory, "format 9", "newer Stator")

    def test_of_dynamodb_local(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "shared-local-instance.db").write_bytes(b"SQLite format 3\0")
            with Stator("-dbPath", directory) as server:
                self.assertRegex(server.stderr(), "shared-local-instance.db looks like DynamoDB Local's; its data is not read")

    def test_copied_after_kill(self):
        """Bake into a layer: the directory as it is right after `kill`, copied elsewhere, under another owner's rules."""
        with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as other:
            server = Stator("-dbPath", directory, "-sharedDb")
            server.create_table()
            server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": "baked"}}})
            self.assertEqual(server.stop(), 0)
            server.stderr_file.close()
            for name in os.listdir(directory):
                source = Path(directory, name)
                self.assertLess(source.stat().st_size, 1 << 20, name)  # no sparse map of a terabyte
                Path(other, name).write_bytes(source.read_bytes())
            self.assertNotIn("lock.mdb", os.listdir(other))
            with Stator("-dbPath", other, "-sharedDb") as again:
                self.assertIn("Item", again.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": "baked"}}}))


if __name__ == "__main__":
    unittest.main()
