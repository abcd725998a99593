# SPDX-License-Identifier: Apache-2.0
"""Requests with several things wrong, made smaller by machine until one thing is left (delta debugging).

Both servers refuse a request, each tells of something else. `Reducer.verdict` repairs the request bit by bit (repairs.py) for as long as ours says what it
said: what is left at the end is one thing wrong, and the other one must be of the same opinion of it. The same for what the oracle said. If both hold,
the two agree about either thing, and differ only in which of them is told first.

No repair puts into a request what is asked about (reduce_test.py tries them all on the server), and a text must be the same to the letter, so that what the
smaller request shows was in the request from the start."""
import itertools
import json
import re

import compare
import repairs

PROBES_MAX = 600
SENT_MAX = 1 << 22 # bytes, for a request of many actions or of large items


def told(answer):
    """What a refusal tells of: one thing, or several that are joined in one answer."""
    if answer["status"] == 200:
        return frozenset()
    reasons = json.dumps([(r.get("Code"), r.get("Message")) for r in answer.get("CancellationReasons", [])])
    return frozenset((answer.get("type"), entry, reasons) for entry in compare.joined(answer))


def bare(fact):
    """Without the envelope, which goes and comes with the layer that a request falls back to."""
    return fact[0], str(fact[1]).removeprefix("1 validation error detected: "), fact[2]


def kinds(facts):
    """What is told of, without names and numbers."""
    return {re.sub(r"'[^']*'|\[[^\]]*\]|\d+|(?<=index: )\S+|(?<=Index: )\S+", "_", str(text)) for _, text, _ in facts}


class Reducer:
    """`ask(operation, request)` sends a request to both and gives their answers, so that what is accepted is accepted by both and their states stay alike;
    `is_listed(operation, request, mine, other)` tells whether a difference is a known one."""

    def __init__(self, ask, is_listed):
        self.ask, self.is_listed = ask, is_listed
        self.probes, self.sent = 0, 0
        self.is_apart = False # a probe was accepted by one of them only
        self.kinds, self.outlived = None, None
        self.agreed = set() # (operation, kind) of what both have told of
        self.alone = None # what ours says of the thing that the other one told of
        self.left = None # the smallest request of which they were of two minds, and what they said

    def verdict(self, operation, request, mine, other):
        """"order" if the two differ in the order alone; "apart" if they tell of different things at least; None if they don't, or if it can't be told."""
        self.probes, self.sent, self.is_apart, self.left, self.alone = 0, 0, False, None, None
        here, there = told(mine), told(other)
        self.kinds, self.outlived = (kinds(here), kinds(there)), set()
        if not here or not there or here == there:
            return None
        if not any(re.search("[tT]oken|Idempotent", f"{kind} {text}") for kind, text, _ in here ^ there):
            request = {k: v for k, v in request.items() if k != "ClientRequestToken"} # no probe spends it
        facts = [(0, fact) for fact in here - there] + [(1, fact) for fact in there - here]
        # First by repairs that bring about nothing at all.
        agreed = [any(self.agree_on(operation, request, side, fact, is_safe) for is_safe in (True, False)) for side, fact in facts]
        return "order" if all(agreed) else "apart" if len(self.outlived) == 2 else None

    def note(self, operation, answer):
        """Both refuse with this."""
        self.agreed |= {(operation, kind) for kind in kinds(map(bare, told(answer)))}

    def are_agreed(self, operation, *answers):
        """Whether both have told of all this, in the same words, somewhere."""
        return all((operation, kind) in self.agreed for answer in answers for kind in kinds(map(bare, told(answer))))

    def agree_on(self, operation, request, side, fact, is_safe):
        """Whether both tell of what this side told of, when nothing else is wrong."""
        core, tried = json.loads(json.dumps(request)), set() # (nothing stands in two places)
        is_smaller = True
        while is_smaller:
            is_smaller, at = False, 0
            candidates = repairs.repairs(operation, core)
            while (repaired := next(candidates, None)) is not None:
                smaller, brings = repaired
                text = json.dumps(smaller)
                at += 1
                if text in tried or (brings and (is_safe or re.search(brings, str(fact[1])))):
                    continue
                tried.add(text)
                if self.probes >= PROBES_MAX or self.sent > SENT_MAX:
                    return False
                pair = self.probe(operation, smaller)
                self.sent += len(text)
                same = {f for f in told(pair[side]) if bare(f) == bare(fact)}
                if not same:
                    continue
                if not kinds(told(pair[1 - side])) & self.kinds[1 - side]:
                    self.outlived.add(side) # what the other one told of is cured, and this is not
                # Told of by both, or a known difference of its own: either way it stands by itself.
                if same & told(pair[1 - side]) or self.is_listed(operation, smaller, *pair):
                    self.alone = pair[0] if side == 1 else self.alone
                    return True
                core, is_smaller, self.left = smaller, True, (smaller, *pair)
                at -= 1 # what stood there is done; the next one has taken its place
                candidates = itertools.islice(repairs.repairs(operation, core), at, None)
        return False

    def probe(self, operation, request):
        self.probes += 1
        answers = self.ask(operation, request)
        self.is_apart |= (answers[0]["status"] == 200) != (answers[1]["status"] == 200)
        return answers
