#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real program over sockets: limits of size, many connections at once, clients that vanish."""
import gzip
import json
import resource
import socket
import struct
import threading
import time
import unittest
import zlib

from stator import AUTHORIZATION, Stator

LIMIT = 16 * 1024 * 1024


def head(operation, length, extra=""):
    return (f"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\nX-Amz-Date: 20260101T000000Z\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nAuthorization: {AUTHORIZATION}\r\n{extra}Content-Length: {length}\r\n\r\n").encode()


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Stator("-inMemory", "-loops", "2")
        cls.server.create_table()

    @classmethod
    def tearDownClass(cls):
        with cls.server:
            pass

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=30)

    def test_crc_and_id(self):
        connection = self.server.connect()
        for body in (b"{}", b"not JSON"):
            connection.request("POST", "/", body, {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Authorization": AUTHORIZATION,
                                                   "X-Amz-Date": "20260101T000000Z", "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            self.assertEqual(int(answer.getheader("x-amz-crc32")), zlib.crc32(text))
            self.assertRegex(answer.getheader("x-amzn-RequestId"), "^[0-9A-Z]{52}$")
        connection.close()

    def test_body_of_exactly_the_limit(self):
        body = b"{" + b" " * (LIMIT - 2) + b"}"
        with self.raw() as s:
            s.sendall(head("ListTables", len(body)) + body)
            self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 200"))

    def test_body_above_the_limit(self):
        with self.raw() as s:
            s.sendall(head("ListTables", LIMIT + 1) + b" " * (LIMIT + 1))
            answer = b""
            while not answer.endswith(b"0\r\n\r\n"):
                more = s.recv(1000)
                self.assertNotEqual(more, b"")
                answer += more
            self.assertTrue(answer.startswith(b"HTTP/1.1 413"))
            self.assertIn(b"Transfer-Encoding: chunked", answer)
            self.assertNotIn(b"RequestId", answer)

    def test_gzip_request(self):
        body = gzip.compress(json.dumps({"TableName": "things", "Item": {"pk": {"S": "zipped"}}}).encode())
        with self.raw() as s:
            s.sendall(head("PutItem", len(body), "Content-Encoding: gzip\r\n") + body)
            self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 200"))
        self.assertIn("Item", self.server.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": "zipped"}}}))

    def test_counter_under_many_connections(self):
        """Every increment is seen once, whichever loop it came by."""
        def work():
            connection = self.server.connect()
            for _ in range(25):
                self.server.must("UpdateItem", {"TableName": "things", "Key": {"pk": {"S": "counter"}},
                                                "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}},
                                 connection)
            connection.close()

        workers = [threading.Thread(target=work) for _ in range(40)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(self.server.must("GetItem", {"TableName": "things", "Key": {"pk": {"S": "counter"}}})["Item"]["n"], {"N": "1000"})

    def test_clients_that_vanish(self):
        body = json.dumps({"TableName": "things", "Item": {"pk": {"S": "gone"}}}).encode()
        for cut in (10, 200, len(head("PutItem", len(body))) + len(body)):
            for _ in range(50):
                s = self.raw()
                s.sendall((head("PutItem", len(body)) + body)[:cut])
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.close()
        self.server.must("ListTables", {})

    def test_out_of_descriptors(self):
        """Connections wait in the queue until others are closed; nobody is turned away, and the server doesn't fall over."""
        with Stator("-inMemory") as server:
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (40, 40))
            clients = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(80)]
            for s in clients[:10]:
                s.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
                self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 400"))
            for s in clients[:70]:
                s.close()
            for s in clients[70:]:
                s.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
                self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 400"))
                s.close()
            server.must("ListTables", {})

    def test_expired_items_go_soon(self):
        self.server.create_table("ttl")
        self.server.must("UpdateTimeToLive", {"TableName": "ttl", "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}})
        due = int(time.time()) + 1
        self.server.must("PutItem", {"TableName": "ttl", "Item": {"pk": {"S": "a"}, "until": {"N": str(due)}}})
        connection = self.server.connect()
        while "Item" in self.server.must("GetItem", {"TableName": "ttl", "Key": {"pk": {"S": "a"}}}, connection):
            self.assertLess(time.time(), due + 10)
        self.assertGreater(time.time(), due)
        self.assertLess(time.time(), due + 3)
        connection.close()


if __name__ == "__main__":
    unittest.main()
