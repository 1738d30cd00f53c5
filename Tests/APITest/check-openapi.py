"""Checks an OpenAPI document by itself: references lead somewhere, schemas are schemas, every example fits its schema, nothing is left over.

Usage: check-openapi.py DOCUMENT STRICT
Writes STRICT: the same document in which no object may have members that it does not name. The published one leaves room for later versions,
a test must not.
"""

import json
import sys

import jsonschema_rs

document = json.load(open(sys.argv[1]))
mistakes = []
used = set()


def resolve(reference):
    value = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def walk(value, place, visit):
    visit(value, place)
    if isinstance(value, dict):
        for key, child in value.items():
            if key not in ("example", "examples"):
                walk(child, f"{place}/{key}", visit)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            walk(child, f"{place}/{index}", visit)


def visit(value, place):
    if not isinstance(value, dict):
        return
    if isinstance(value.get("$ref"), str):
        used.add(value["$ref"])
        try:
            resolve(value["$ref"])
        except KeyError:
            mistakes.append(f"{place}: {value['$ref']} leads nowhere")
    if isinstance(value.get("schema"), dict):
        check(value["schema"], place)
        for example in [value[key] for key in ("example",) if key in value]:
            for error in validator(value["schema"]).iter_errors(example):
                mistakes.append(f"{place}/example: {error.message}")


def validator(schema):
    return jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}, validate_formats=True)


def check(schema, place):
    try:
        jsonschema_rs.meta.validate(schema)
    except ValueError as error:
        mistakes.append(f"{place}/schema: {error}")


walk(document, "#", visit)
for name, schema in document["components"]["schemas"].items():
    place = f"#/components/schemas/{name}"
    check(schema, place)
    for example in schema.get("examples", []):
        for error in validator({"$ref": place}).iter_errors(example):
            mistakes.append(f"{place}/examples: {error.message}")
for kind, entries in document["components"].items():
    for name in entries:
        if kind != "securitySchemes" and f"#/components/{kind}/{name}" not in used:
            mistakes.append(f"#/components/{kind}/{name}: nothing refers to it")
operations = [operation for item in document["paths"].values() for operation in item.values()]
for name in sorted({operation["operationId"] for operation in operations}):
    if sum(operation["operationId"] == name for operation in operations) > 1:
        mistakes.append(f"two operations are called {name}")


def close(value, place):
    if isinstance(value, dict) and value.get("type") == "object" and "properties" in value:
        value.setdefault("additionalProperties", False)


walk(document, "#", close)
json.dump(document, open(sys.argv[2], "w"))
for mistake in mistakes:
    print(f"openapi.json: {mistake}", file=sys.stderr)
print(f"openapi.json: {len(operations)} operations, {len(mistakes)} mistakes")
sys.exit(bool(mistakes))
