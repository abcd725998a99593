#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the reducer may call a difference of order, and what it may not, shown on servers made up for it; and on the real one (STATOR), that no repair makes
anything wrong that was right."""
import os
import random
import re
import unittest

import compare
import generate
import orders
import reduce
import repairs
import run

CAPACITY = "1 validation error detected: Value 'X' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
VALUE = "The parameter cannot be converted to a numeric value: x"
UNUSED = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}"
# text: whether it is to be told of the request
CHECKS = {CAPACITY: lambda r: r.get("ReturnConsumedCapacity") == "X", VALUE: lambda r: {"N": "x"} in r.get("Item", {}).values(),
          UNUSED: lambda r: "#u" in r.get("ExpressionAttributeNames", {}) and "#u" not in r.get("ConditionExpression", "")}
KEY = {"id": {"N": "1"}}
WRONG = {"TableName": "Beta", "Item": {**KEY, "a": {"N": "x"}, "b": {"S": "b"}}, "ReturnConsumedCapacity": "X", "ExpressionAttributeNames": {"#u": "a"}, "ReturnValues": "NONE"}


def server(checks):
    """One that tells of the first check that fails."""
    def answer(request):
        text = next((t for t, is_wrong in checks if is_wrong(request)), None)
        return {"status": 200} if text is None else {"status": 400, "type": "ValidationException", "message": text}
    return answer


def in_order(*texts, **changed):
    return server([(changed.get(name_of(t), t), CHECKS[t]) for t in texts])


def name_of(text):
    return next(name for name, value in globals().items() if value is text)


def verdict(mine, other, request=None, is_listed=lambda *_: False, operation="PutItem"):
    request = WRONG if request is None else request
    reducer = reduce.Reducer(lambda _, r: (mine(r), other(r)), is_listed)
    return reducer.verdict(operation, request, mine(request), other(request))


class Orders(unittest.TestCase):
    def test_other_order_of_the_same_checks(self):
        self.assertEqual("order", verdict(in_order(CAPACITY, VALUE, UNUSED), in_order(UNUSED, VALUE, CAPACITY)))
        self.assertEqual("order", verdict(in_order(VALUE, UNUSED, CAPACITY), in_order(CAPACITY, VALUE, UNUSED)))

    def test_other_text_is_no_order(self):
        for name in ("CAPACITY", "VALUE", "UNUSED"):
            with self.subTest(name):
                self.assertIsNone(verdict(in_order(CAPACITY, VALUE, UNUSED, **{name: "another text"}), in_order(CAPACITY, VALUE, UNUSED), only(name)))
        # Among other errors too, when one of the two that are told of first has another text.
        self.assertNotEqual("order", verdict(in_order(CAPACITY, VALUE, UNUSED, CAPACITY="another text"), in_order(UNUSED, VALUE, CAPACITY)))
        self.assertNotEqual("order", verdict(in_order(CAPACITY, VALUE, UNUSED, UNUSED="another text"), in_order(UNUSED, VALUE, CAPACITY)))

    def test_what_one_does_not_check(self):
        self.assertNotEqual("order", verdict(in_order(CAPACITY, VALUE), in_order(UNUSED, VALUE, CAPACITY)))
        self.assertNotEqual("order", verdict(in_order(CAPACITY, VALUE, UNUSED), in_order(UNUSED, VALUE)))

    def test_what_one_checks_without_reason(self):
        always = server([("never right", lambda r: True)])
        self.assertIsNone(verdict(always, in_order(UNUSED, VALUE, CAPACITY)))
        # Refused for a member that is right, before what is wrong.
        spurious = server([("ReturnValues can only be ALL_OLD or NONE", lambda r: "ReturnValues" in r)])
        self.assertNotEqual("order", verdict(spurious, in_order(UNUSED, VALUE, CAPACITY)))
        self.assertNotEqual("order", verdict(in_order(UNUSED), server([("ReturnValues can only be ALL_OLD or NONE", lambda r: "ReturnValues" in r)])))

    def test_accepted_by_one(self):
        self.assertIsNone(verdict(server([]), in_order(UNUSED)))

    def test_joined_errors_are_each_held(self):
        two = CAPACITY.replace("1 validation error", "2 validation errors") + "; Value null at 'item' failed to satisfy constraint: Member must not be null"
        mine = server([(two, lambda r: r.get("ReturnConsumedCapacity") == "X")])
        self.assertIsNone(verdict(mine, in_order(CAPACITY)))

    def test_a_known_difference_counts_for_its_half(self):
        def is_listed(operation, request, mine, other):
            return mine.get("message") == CAPACITY and other["status"] == 200
        self.assertEqual("order", verdict(in_order(CAPACITY, VALUE), in_order(VALUE), is_listed=is_listed))
        self.assertNotEqual("order", verdict(in_order(CAPACITY, VALUE, VALUE="another text"), in_order(VALUE), is_listed=is_listed))

    def test_what_is_told_apart_must_be_known_to_both(self):
        reducer = reduce.Reducer(None, None)
        capacity, unused = ({"status": 400, "type": "ValidationException", "message": text} for text in (CAPACITY, UNUSED))
        reducer.note("PutItem", capacity)
        self.assertFalse(reducer.are_agreed("PutItem", capacity, unused))
        self.assertFalse(reducer.are_agreed("Scan", capacity, capacity))
        reducer.note("PutItem", unused)
        self.assertTrue(reducer.are_agreed("PutItem", capacity, unused))
        self.assertFalse(reducer.are_agreed("PutItem", capacity, {**unused, "message": "another text"}))

    def test_tables_told_apart(self):
        def mode(text):
            return text, lambda r: r.get("MultiRegionConsistency") == "X"

        def class_(text):
            return text, lambda r: r.get("TableClass") == "X"
        wrong = {"TableName": "Scratch", "MultiRegionConsistency": "X", "TableClass": "X", "DeletionProtectionEnabled": False}
        self.assertEqual("order", verdict(server([class_("class"), mode("mode")]), server([mode("mode"), class_("class")]), wrong, operation="UpdateTable"))
        self.assertEqual("apart", verdict(server([class_("class"), mode("mode")]), server([mode("mode"), class_("other")]), wrong, operation="UpdateTable"))
        self.assertIsNone(verdict(server([class_("class")]), server([class_("other")]), wrong, operation="UpdateTable"))
        self.assertIsNone(verdict(server([class_("class for index: a")]), server([class_("other")]), wrong, operation="CreateTable"))

    def test_the_probes_are_bounded(self):
        self.assertIsNone(verdict(server([("mine", lambda r: True)]), server([("other", lambda r: True)])))

    def test_stated_orders(self):
        def refusal(text):
            return {"status": 400, "type": "ValidationException", "message": text}
        self.assertEqual((True, "26 D.3"), orders.judge("PutItem", refusal(CAPACITY), refusal(UNUSED)))
        self.assertEqual((False, "26 D.3"), orders.judge("PutItem", refusal(UNUSED), refusal(CAPACITY)))
        self.assertEqual((None, None), orders.judge("PutItem", refusal(VALUE), refusal(VALUE.replace("x", "y"))))
        self.assertEqual((None, None), orders.judge("ListTables", refusal(CAPACITY), refusal(UNUSED)))
        for operation, (_, patterns) in orders.ORDERS.items():
            for pattern in patterns:
                re.compile(pattern)
            self.assertGreater(len(patterns), 3, operation)


def only(name):
    """The request with one thing wrong."""
    request = {"TableName": "Beta", "Item": {**KEY}, "ReturnValues": "NONE"}
    request.update({"CAPACITY": {"ReturnConsumedCapacity": "X"}, "VALUE": {"Item": {**KEY, "a": {"N": "x"}}}, "UNUSED": {"ExpressionAttributeNames": {"#u": "a"}}}[name])
    return request


class Repairs(unittest.TestCase):
    @unittest.skipUnless(os.environ.get("STATOR"), "STATOR names no server")
    def test_what_is_right_stays_right(self):
        stator = run.Server(os.environ["STATOR"], ["-inMemory", "-port", "PORT", "-log", "quiet"])
        self.addCleanup(stator.stop)
        stator.set_up()
        maker = generate.Generator(random.Random(5))
        accepted = re.compile(run.TAKEN + "|400 ValidationException: (Attempting to store more|Number (over|under)flow)") # (bare: of sums)
        tried = 0
        for _ in range(1200):
            operation, request = maker.valid()
            if operation not in (*repairs.ITEM_OPERATIONS, "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "CreateTable"):
                continue
            request.pop("ClientRequestToken", None)
            if self.ask(stator, operation, request)["status"] != 200:
                continue
            for repaired, brings in repairs.repairs(operation, request):
                answer = self.ask(stator, operation, repaired)
                tried += 1
                text = "200" if answer["status"] == 200 else f"400 {answer['type']}: {answer['message']}"
                if not brings or not re.search(brings, text):
                    self.assertRegex(text, accepted, f"{operation} {request}\nrepaired: {repaired}")
        self.assertGreater(tried, 4000)

    def ask(self, stator, operation, request):
        answer = compare.answer(operation, request, *stator.call(operation, request))
        if operation == "CreateTable":
            stator.drop(request["TableName"])
        return answer


if __name__ == "__main__":
    unittest.main()
