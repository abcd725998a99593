#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged is there after kill -9, again and again on the same directory; also with -relaxed, which gives up power failures only."""
import signal
import tempfile
import threading
import time
import unittest

from stator import Stator

ROUNDS = 5
WRITERS = 4
ENOUGH = 60  # acknowledged puts before the kill


def write_until_killed(server, prefix, told, enough):
    connection = server.connect()
    try:
        for n in range(1000000):
            key = f"{prefix}-{n}"
            server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": key}, "value": {"S": key * 20}}}, connection)
            told.append(key)
            if len(told) >= ENOUGH:
                enough.set()
    except Exception:  # killed in the middle of a request
        connection.close()


class Durability(unittest.TestCase):
    def kill_and_look(self, *flags):
        with tempfile.TemporaryDirectory() as directory:
            with Stator("-dbPath", directory, *flags) as server:
                server.create_table()
            known = []
            for round_number in range(ROUNDS):
                server = Stator("-dbPath", directory, *flags)
                told, enough = [], threading.Event()
                writers = [threading.Thread(target=write_until_killed, args=(server, f"{round_number}-{w}", told, enough))
                           for w in range(WRITERS)]
                for writer in writers:
                    writer.start()
                self.assertTrue(enough.wait(60), server.stderr())
                self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
                for writer in writers:
                    writer.join()
                server.stderr_file.close()
                known += told
                with Stator("-dbPath", directory, *flags) as again:
                    connection = again.connect()
                    for key in known:
                        found = again.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": key}}}, connection)
                        self.assertEqual(found.get("Item"), {"pk": {"S": key}, "value": {"S": key * 20}})
                    connection.close()

    def test_durable(self):
        self.kill_and_look()

    def test_relaxed(self):
        self.kill_and_look("-relaxed")

    def test_expired_items_go_soon(self):
        """The writer thread's own background work; also what fell due while nothing ran."""
        with tempfile.TemporaryDirectory() as directory:
            due = int(time.time()) + 1
            with Stator("-dbPath", directory) as server:
                server.create_table()
                server.must("UpdateTimeToLive", {"TableName": "things",
                                                 "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}})
                for key, until in (("now", due), ("later", due + 3600)):
                    server.must("PutItem", {"TableName": "things", "Item": {"pk": {"S": key}, "until": {"N": str(until)}}})
            with Stator("-dbPath", directory) as server:
                connection = server.connect()
                while "Item" in server.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": "now"}}}, connection):
                    self.assertLess(time.time(), due + 10)
                self.assertGreater(time.time(), due)
                self.assertIn("Item", server.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": "later"}}}, connection))
                connection.close()


if __name__ == "__main__":
    unittest.main()
