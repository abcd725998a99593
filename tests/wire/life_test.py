#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program from outside: how it starts, what it says when it can't, how it ends."""
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from stator import PROGRAM, Stator, refusal

SOON = 1.0  # seconds: far above what it takes, also with sanitizers, and far below any wait


class Start(unittest.TestCase):
    def test_banner_after_listening(self):
        with Stator("-inMemory", "-sharedDb") as server:
            self.assertLess(server.start_seconds, SOON)
            self.assertTrue(server.banner.startswith(
                "Initializing DynamoDB Local with the following configuration:\n"
                f"Port:\t{server.port}\nInMemory:\ttrue\nVersion:\t"), server.banner)
            self.assertRegex(server.banner, "\nDbPath:\tnull\nSharedDb:\ttrue\nshouldDelayTransientStatuses:\tfalse\n"
                                            "CorsParams:\tnull\n\nStator ")
            self.assertEqual(server.banner.count("CorsParams:"), 1)
            socket.create_connection(("127.0.0.1", server.port)).close()

    def test_both_families(self):
        with Stator("-inMemory") as server:
            try:
                with socket.create_connection(("::1", server.port)) as s:
                    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 400"))
            except OSError as error:  # no IPv6 on this machine
                self.assertIn(error.errno, (97, 99, 101))

    def test_readiness_probes(self):
        with Stator("-inMemory") as server:
            for method in ("GET", "HEAD"):
                connection = server.connect()
                connection.request(method, "/")
                self.assertEqual(connection.getresponse().status, 400)
                connection.close()

    def test_texts(self):
        for flag in ("-help", "-version", "-list-operations"):
            done = subprocess.run([PROGRAM, flag], capture_output=True, text=True, timeout=30)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotEqual(done.stdout, "")

    def test_log_of_requests(self):
        with Stator("-inMemory", "-verbose") as server:
            server.must("ListTables", {})
            server.create_table()
            self.assertRegex(server.stderr(), r"(?m)^\S+Z [0-9A-Z]{52} ListTables 200 \d+ us$")
            self.assertRegex(server.stderr(), r"(?m)^\S+Z [0-9A-Z]{52} CreateTable 200 \d+ us$")


class Background(unittest.TestCase):
    def test_requests_are_answered_meanwhile(self):
        """Deleting what is due takes steps; a connection made meanwhile is served between them."""
        count = 10000
        with Stator("-inMemory", "-loops", "1") as server:
            server.create_table()
            table = server.must("DescribeTable", {"TableName": "things"})["Table"]
            names = [k["AttributeName"] for k in table["KeySchema"]]
            for first in range(0, count, 25):
                server.must("BatchWriteItem", {"RequestItems": {"things": [
                    {"PutRequest": {"Item": dict({n: {"S": str(i)} for n in names}, due={"N": str(int(time.time()) - 60)})}}
                    for i in range(first, first + 25)]}})
            server.must("UpdateTimeToLive", {"TableName": "things",
                                             "TimeToLiveSpecification": {"AttributeName": "due", "Enabled": True}})
            left = server.must("DescribeTable", {"TableName": "things"}, server.connect())["Table"]["ItemCount"]
            self.assertGreater(left, 0)
            while server.must("DescribeTable", {"TableName": "things"})["Table"]["ItemCount"] > 0:
                pass


class Refusals(unittest.TestCase):
    def check(self, refused, status, *texts):
        self.assertEqual(refused.status, status)
        self.assertEqual(refused.stdout, "")
        self.assertRegex(refused.stderr, r"\Astator: [^\n]+\n\Z")  # one line
        for text in texts:
            self.assertIn(text, refused.stderr)

    def test_bad_flags(self):
        self.check(refusal("-frobnicate"), 2, "-frobnicate", "-help")
        self.check(refusal("-inMemory", "-dbPath", "x"), 2, "dbPath and inMemory cannot be set at the same time.")
        self.check(refusal("-inMemory", port="70000"), 2, "-port", "70000")

    def test_port_in_use(self):
        with Stator("-inMemory") as server:
            self.check(refusal("-inMemory", port=server.port), 1, f"port {server.port} is in use", "-port")
            server.must("ListTables", {})

    def test_address_of_nobody(self):
        self.check(refusal("-inMemory", "-host", "192.0.2.1"), 1, "192.0.2.1", "-host")

    def test_bad_directories(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "file").write_text("")
            self.check(refusal("-dbPath", f"{directory}/file"), 1, f"{directory}/file")
            if os.geteuid() != 0:
                Path(directory, "closed").mkdir(mode=0o500)
                self.check(refusal("-dbPath", f"{directory}/closed"), 1, f"{directory}/closed")

    def test_second_process_on_a_directory(self):
        with tempfile.TemporaryDirectory() as directory, Stator("-dbPath", directory) as server:
            self.check(refusal("-dbPath", directory), 1, directory)
            server.create_table()
            self.assertEqual(server.must("ListTables", {}), {"TableNames": ["things"]})


class Stop(unittest.TestCase):
    def test_with_open_connections(self):
        for flags in (["-inMemory"], ["-dbPath"]):
            with tempfile.TemporaryDirectory() as directory:
                server = Stator(*flags, *([directory] if flags == ["-dbPath"] else []))
                idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
                idle[0].sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nno more")
                kept = server.connect()
                server.must("ListTables", {}, kept)
                for number in (signal.SIGTERM,):
                    self.assertEqual(server.stop(number), 0, server.stderr())
                    self.assertLess(server.stop_seconds, SOON)
                for s in idle:
                    s.settimeout(30)
                    self.assertEqual(s.recv(1), b"")
                    s.close()
                kept.close()
                server.stderr_file.close()

    def test_by_interrupt(self):
        server = Stator("-inMemory")
        self.assertEqual(server.stop(signal.SIGINT), 0)
        server.stderr_file.close()

    def test_every_answer_is_true(self):
        """Writers are at work while it stops: what they were told must be there afterwards."""
        with tempfile.TemporaryDirectory() as directory:
            server = Stator("-dbPath", directory)
            server.create_table()
            told = []
            enough = threading.Event()

            def write(writer):
                connection = server.connect()
                try:
                    for n in range(1000000):
                        status, _ = server.call("PutItem", {"TableName": "things", "Item": {"pk": {"S": f"{writer}-{n}"}}}, connection)
                        assert status == 200
                        told.append(f"{writer}-{n}")
                        if len(told) > 100:
                            enough.set()
                except Exception:  # it has gone, as it should
                    connection.close()

            writers = [threading.Thread(target=write, args=(w,)) for w in range(4)]
            for writer in writers:
                writer.start()
            self.assertTrue(enough.wait(30))
            self.assertEqual(server.stop(), 0, server.stderr())
            self.assertLess(server.stop_seconds, SOON)
            for writer in writers:
                writer.join()
            server.stderr_file.close()
            with Stator("-dbPath", directory) as again:
                connection = again.connect()
                for key in told:
                    self.assertIn("Item", again.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": key}}}, connection), key)
                connection.close()

    def test_memory_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as directory:
            for number in (signal.SIGTERM, signal.SIGKILL):
                server = Stator("-inMemory", cwd=directory, env={"TMPDIR": directory})
                server.create_table()
                server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": "a"}}})
                server.stop(number)
                server.stderr_file.close()
                self.assertEqual(os.listdir(directory), [])


if __name__ == "__main__":
    unittest.main()
