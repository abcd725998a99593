# SPDX-License-Identifier: Apache-2.0
"""What the applications share: clients as a user makes them (everything from the environment), fresh table names, error expectations."""
import contextlib
import itertools
import os
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

_names = itertools.count(1)
CONFIG = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=10)


def client(**kwargs):
    return boto3.client("dynamodb", config=CONFIG, **kwargs)


def resource(**kwargs):
    return boto3.resource("dynamodb", config=CONFIG, **kwargs)


class Application(unittest.TestCase):
    """One application: a table of its own for each test, dropped at the end."""

    maxDiff = None

    def fresh_name(self, stem):
        return f"{stem}-{os.getpid()}-{next(_names)}"

    def drop_at_end(self, name):
        def drop():
            with contextlib.suppress(ClientError):
                client().delete_table(TableName=name)
        self.addCleanup(drop)

    @contextlib.contextmanager
    def refused(self, code, text=None):
        with self.assertRaises(ClientError) as caught:
            yield
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        if text is not None:
            self.assertEqual(caught.exception.response["Error"]["Message"], text)
