"""Holds answers to the OpenAPI document: as much of JSON Schema as that uses."""

import re


class OpenApi:
    def __init__(self, document):
        self.document = document
        self.seen = set()  # (method, path of the document) of answers that were right

    def route(self, method, path):
        """The path of the document that `path`, below /api/v1 and without a query, is one of; words go before parameters."""
        found = [pattern for pattern, methods in self.document["paths"].items()
                 if method.lower() in methods and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path)]
        assert found, f"the document has no {method} {path}"
        return min(found, key=lambda pattern: pattern.count("{"))

    def check(self, method, path, status, answer):
        pattern = self.route(method, path.split("?")[0])
        responses = self.document["paths"][pattern][method.lower()]["responses"]
        response = responses.get(str(status), responses["default"] if status >= 400 else None)
        assert response, f"{method} {path}: {status} is not in the document"
        self._hold(answer, response["content"]["application/json"]["schema"], f"{method} {path}")
        self.seen.add((method, pattern))

    def routes(self):
        return {(method.upper(), path) for path, methods in self.document["paths"].items() for method in methods}

    def _hold(self, value, schema, where):
        if "$ref" in schema:
            assert schema["$ref"].startswith("#/components/schemas/"), where
            return self._hold(value, self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], where)
        if value is None:
            assert schema.get("nullable"), f"{where} is null"
            return
        kind = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}[schema["type"]]
        assert isinstance(value, kind) and (kind is not int or not isinstance(value, bool)), f"{where} is {value!r}"
        assert value in schema.get("enum", [value]), f"{where} is {value!r}"
        if kind is list:
            for number, one in enumerate(value):
                self._hold(one, schema["items"], f"{where}[{number}]")
        if kind is dict:
            properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
            assert set(schema.get("required", [])) <= set(value), f"{where} lacks some: {value}"
            for name, one in value.items():
                if name in properties:
                    self._hold(one, properties[name], f"{where}.{name}")
                elif isinstance(more, dict):
                    self._hold(one, more, f"{where}.{name}")
                else:
                    assert more, f"{where} has {name}, which the document has not"
