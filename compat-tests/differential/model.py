#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The inputs of the operations in place, as the SDKs' own model describes them (model.json), and what the service says of a request whose JSON types are
wrong (aws-behaviour.md §1.6): an expectation that needs no oracle.

model.py service-2.json[.gz] > model.json     makes the file again from botocore's model"""
import base64
import gzip
import json
import re
import sys
from pathlib import Path

CONSTRAINTS = ("min", "max", "pattern", "enum", "required")


def extract(text, operations):
    """The shapes that the inputs of `operations` reach, without documentation."""
    full = json.loads(text)
    shapes, waiting = {}, [full["operations"][o]["input"]["shape"] for o in operations]
    while waiting:
        name = waiting.pop()
        if name in shapes:
            continue
        shape = full["shapes"][name]
        shapes[name] = kept = {"type": shape["type"], **{c: shape[c] for c in CONSTRAINTS if c in shape}}
        if "members" in shape:
            kept["members"] = {m: r["shape"] for m, r in shape["members"].items()}
        for part in ("member", "key", "value"):
            if part in shape:
                kept[part] = shape[part]["shape"]
        waiting += [*kept.get("members", {}).values(), *(kept[p] for p in ("member", "key", "value") if p in kept)]
    return {"operations": {o: full["operations"][o]["input"]["shape"] for o in operations}, "shapes": dict(sorted(shapes.items()))}


PATH = Path(__file__).with_name("model.json")
MODEL = json.loads(PATH.read_text()) if PATH.exists() else {"operations": {}, "shapes": {}}
OPERATIONS = MODEL["operations"]
SHAPES = MODEL["shapes"]
INTEGERS = {"integer": "Integer", "long": "Long"}


def children(shape):
    """(step, shape, is required) of what lies directly inside. Steps: a member's name, [] for an element, {} for a value."""
    kind = SHAPES[shape]
    for name, child in kind.get("members", {}).items():
        yield name, child, name in kind.get("required", ())
    if kind["type"] == "list":
        yield "[]", kind["member"], False
    elif kind["type"] == "map":
        yield "{}", kind["value"], False


def members(operation):
    """Every place of the operation's input: (steps, shape, is required). An AttributeValue is one place, whatever is in it."""
    waiting = [((), OPERATIONS[operation])]
    while waiting:
        steps, shape = waiting.pop()
        for step, child, is_required in ([] if shape == "AttributeValue" else children(shape)):
            yield steps + (step,), child, is_required
            waiting.append((steps + (step,), child))


def text_of(steps):
    return ".".join(steps).replace(".[]", "[]").replace(".{}", "{}")


# ---- What JSON of the wrong type is answered with ----
def scalar_name(node):
    if isinstance(node, bool):
        return "TRUE_VALUE" if node else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(node, str) else "DECIMAL_VALUE" if isinstance(node, float) else "NUMBER_VALUE"


def java_type(shape):
    kind = SHAPES[shape]["type"]
    if kind == "map":
        return f"java.util.Map<java.lang.String, {java_type(SHAPES[shape]['value'])}>"
    if kind == "list":
        return f"java.util.List<{java_type(SHAPES[shape]['member'])}>"
    scalars = {"string": "java.lang.String", "boolean": "java.lang.Boolean", "integer": "java.lang.Integer", "long": "java.lang.Long", "double": "java.lang.Double",
               "blob": "java.nio.ByteBuffer"}
    return scalars.get(kind, "com.amazonaws.dynamodb.v20120810." + shape)


CAST = ("class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
        "java.lang.Class are in module java.base of loader 'bootstrap')")
OBJECT = "Start of structure or map found where not expected"


def scalar_error(kind, shape, node):
    if isinstance(node, dict):
        return OBJECT
    if isinstance(node, list):
        return f"Unrecognized collection type class {java_type(shape)}"
    if kind == "blob":
        return blob_error(node)
    if kind == "string":
        return None if isinstance(node, str) else f"{scalar_name(node)} cannot be converted to String"
    if kind == "boolean":
        if isinstance(node, bool):
            return None
        if isinstance(node, str):
            return None if node.lower() in ("true", "1", "yes", "false", "0", "no") else "Unexpected token received from parser"
        return f"{scalar_name(node)} cannot be converted to Boolean"
    is_number = isinstance(node, (int, float)) and not isinstance(node, bool)
    return None if is_number else f"{scalar_name(node)} cannot be converted to {INTEGERS.get(kind, 'Double')}"


def blob_error(node):
    if not isinstance(node, str):
        return "only base-64-encoded strings are convertible to bytes"
    if len(node) % 4:
        return f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(node)}"
    try:
        is_exact = base64.b64encode(base64.b64decode(node, validate=True)).decode() == node
    except ValueError:
        is_exact = False
    return None if is_exact else "" # which text: known for the last character only


def decoding_errors(shape, node, inside=None):
    """The texts that the service may answer with for `node` where `shape` belongs: one for each place with a wrong type; "" stands for any."""
    if node is None:
        return
    kind = SHAPES[shape]["type"]
    is_nested = inside in ("list", "map")
    if kind in ("list", "map"):
        wanted = list if kind == "list" else dict
        if isinstance(node, wanted):
            value = SHAPES[shape]["member" if kind == "list" else "value"]
            for child in node if kind == "list" else node.values():
                yield from decoding_errors(value, child, kind)
        elif isinstance(node, dict):
            yield OBJECT
        elif isinstance(node, list):
            yield f"Unrecognized collection type {java_type(shape)}"
        else:
            yield CAST if is_nested else "Unexpected field type"
    elif kind == "structure":
        if isinstance(node, dict):
            for name, child in SHAPES[shape]["members"].items():
                yield from decoding_errors(child, node.get(name), kind)
        elif isinstance(node, list):
            yield f"Unrecognized collection type class {java_type(shape)}"
        else:
            yield "Unexpected value type in payload" if is_nested else "Unexpected field type"
    else:
        error = scalar_error(kind, shape, node)
        if error is not None:
            yield error


def expected(operation, request):
    """The texts of which a SerializationException must have one; empty if there must be none."""
    return set(decoding_errors(OPERATIONS[operation], request))


def main():
    path = Path(sys.argv[1])
    text = gzip.open(path).read() if path.suffix == ".gz" else path.read_text()
    definitions = (Path(__file__).resolve().parents[2] / "server/api/ops.def").read_text()
    tables = extract(text, re.findall(r"^OP\((\w+),", definitions, re.M))
    print("{" + ",\n".join(f'"{name}": {{\n' + ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n}" for name, table in tables.items()) + "}")


if __name__ == "__main__":
    main()
