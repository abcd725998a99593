# SPDX-License-Identifier: Apache-2.0
"""What a run covered: outcomes by operation, the places of the inputs that were ever sent and ever refused, enum values, functions and operators, shapes of
transactions. For finding what the generator is blind to."""
import collections
import json
import re

import model

WORDS = {
    "functions": r"\b(attribute_exists|attribute_not_exists|attribute_type|begins_with|contains|size|if_not_exists|list_append)\s*\(",
    "operators": r"(<>|<=|>=|(?<![<>])=|<(?![>=])|(?<!<)>(?!=)|\b(?:AND|OR|NOT|BETWEEN|IN)\b)",
    "clauses": r"\b(SET|REMOVE|ADD|DELETE)\b",
}
SIZES = [(1 << 10, "1 KB"), (64 << 10, "64 KB"), (400 << 10, "400 KB"), (1 << 20, "1 MB"), (4 << 20, "4 MB"), (16 << 20, "16 MB"), (1 << 40, "more")]


class Histogram:
    def __init__(self):
        self.outcomes = collections.defaultdict(collections.Counter)
        self.places = collections.defaultdict(collections.Counter)   # (operation, place) → answers
        self.values = collections.defaultdict(collections.Counter)   # (operation, place) → enum value
        self.words = collections.defaultdict(collections.Counter)    # kind of word → (word, outcome)
        self.kinds = collections.Counter()                           # of AttributeValues
        self.shapes = collections.Counter()
        self.sizes = collections.Counter()

    def add(self, operation, request, answer):
        """`answer` is compare.answer's."""
        outcome = "200" if answer["status"] == 200 else str(answer.get("type"))
        self.outcomes[operation][outcome] += 1
        self.walk(operation, model.OPERATIONS[operation], request, (), outcome)
        self.sizes[next(name for limit, name in SIZES if len(json.dumps(request)) <= limit)] += 1
        reasons = [r.get("Code") for r in answer.get("CancellationReasons", [])]
        if reasons:
            self.shapes[f"cancelled: {sum(r != 'None' for r in reasons)} of several" if len(reasons) > 1 else "cancelled: the only action"] += 1
            self.shapes.update(f"reason {r}" for r in reasons)
        if "ClientRequestToken" in request:
            self.shapes[f"token: {outcome}"] += 1
        for member in ("TransactItems", "RequestItems"):
            if isinstance(request.get(member), (list, dict)):
                self.shapes[f"{operation}: {min(len(request[member]), 10)}{'+' if len(request[member]) > 9 else ''} in {member}"] += 1

    def walk(self, operation, shape, node, steps, outcome):
        kind = model.SHAPES[shape]
        if shape == "AttributeValue":
            self.kinds[next(iter(node)) if isinstance(node, dict) and len(node) == 1 else "not one member"] += 1
            return
        if kind["type"] == "structure" and isinstance(node, dict):
            inside = [(name, child, node[name]) for name, child, _ in model.children(shape) if name in node]
        elif kind["type"] == "list" and isinstance(node, list):
            inside = [("[]", kind["member"], child) for child in node[:30]]
        elif kind["type"] == "map" and isinstance(node, dict):
            inside = [("{}", kind["value"], child) for child in list(node.values())[:30]]
        else:
            inside = []
        for step, child_shape, child in inside:
            place = (operation, model.text_of(steps + (step,)))
            self.places[place][outcome] += 1
            if "enum" in model.SHAPES[child_shape]:
                self.values[place][str(child)] += 1
            if step.endswith("Expression") and isinstance(child, str):
                for what, pattern in WORDS.items():
                    self.words[what].update((w.upper() if what != "functions" else w, outcome == "200") for w in set(re.findall(pattern, child)))
            self.walk(operation, child_shape, child, steps + (step,), outcome)

    def lines(self):
        yield "outcomes by operation"
        for operation in model.OPERATIONS:
            yield f"  {operation:26}{sum(self.outcomes[operation].values()):6}  " + ", ".join(f"{o} {n}" for o, n in self.outcomes[operation].most_common())
        every = [(o, model.text_of(steps)) for o in model.OPERATIONS for steps, _, _ in model.members(o)]
        never = [p for p in every if p not in self.places]
        refused = [p for p in every if p in self.places and not set(self.places[p]) - {"200"}]
        accepted = [p for p in every if p in self.places and "200" not in self.places[p]]
        yield f"{len(every) - len(never)} of {len(every)} places of the inputs sent, {len(every) - len(never) - len(refused)} in a request that was refused"
        for title, places in (("never sent", never), ("never in a refused request", refused), ("never in an accepted request", accepted)):
            yield from (f"  {title}: {operation}: {', '.join(p for o, p in places if o == operation)}" for operation in model.OPERATIONS if any(o == operation for o, _ in places))
        yield "enum values never sent"
        for operation in model.OPERATIONS:
            for steps, shape, _ in model.members(operation):
                missing = [v for v in model.SHAPES[shape].get("enum", ()) if v not in self.values[operation, model.text_of(steps)]]
                if missing:
                    yield f"  {operation} {model.text_of(steps)}: {', '.join(missing)}"
        for what, counts in self.words.items():
            yield f"{what} (answered 200, refused): " + ", ".join(f"{w} {counts[w, True]}, {counts[w, False]}" for w in sorted({w for w, _ in counts}))
        for title, counts in (("kinds of values", self.kinds), ("transactions and batches", self.shapes), ("sizes of requests up to", self.sizes)):
            yield f"{title}: " + ", ".join(f"{k} {n}" for k, n in sorted(counts.items(), key=lambda p: str(p[0])))
