"""The document and the answers agree: every address is described, and answers as it is described."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalogue.packages.models import PackageStatus
from portal.web.openapi import PART, operations
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

PREFIX = "/api/v1"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance,
]  # fmt: skip
PLAIN = {"Accept-Encoding": "identity"}  # through WSGI, nobody decompresses
EXAMPLES = 40  # of each address, in each manner


@pytest.fixture(scope="module")
def described(portal_app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", portal_app)


def asked(described: Any) -> list[Any]:
    """All but the document itself, which the library leaves out."""
    found = [result.ok() for result in described.get_all_operations()]
    assert len(found) == sum(map(len, described.raw_schema["paths"].values())) - 1
    return found


def test_every_address_is_described_and_every_description_answers(portal_app: Flask, visitor: PageClient) -> None:
    told = visitor.get(f"{PREFIX}/openapi.json").get_json()
    rules = [rule for rule in portal_app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    assert {PREFIX + path for path in told["paths"]} == {PART.sub(r"{\1}", rule.rule) for rule in rules}
    assert len(list(operations(portal_app, PREFIX))) == len(rules)
    for path, methods in told["paths"].items():
        answered = [rule.methods or set() for rule in rules if PART.sub(r"{\1}", rule.rule) == PREFIX + path]
        assert {method.upper() for method in methods} == set().union(*answered) - {"HEAD", "OPTIONS"}


def test_the_document_is_an_openapi_document(described: Any) -> None:
    assert described.raw_schema["openapi"] == "3.1.0"
    described.validate()


def test_the_states_of_packages_are_those_of_the_code(visitor: PageClient) -> None:
    schemas = visitor.get(f"{PREFIX}/openapi.json").get_json()["components"]["schemas"]
    assert schemas["PackageStatus"]["enum"] == [status.value for status in PackageStatus]
    read = visitor.get("/api").get_data(as_text=True)
    assert all(f"<dt>{status}</dt>" in read for status in PackageStatus)


def test_each_example_of_the_document_is_answered_as_it_says(described: Any) -> None:
    """Real titles, lists and schools: what is made at random seldom exists."""
    for operation in asked(described):
        if "security" in operation.definition.raw:
            continue  # tests/http/test_tokens.py shows a token
        parts = {one.name: one.definition["example"] for one in operation.path_parameters}
        queries: list[dict[str, Any]] = [{}]
        queries += [{one.name: one.definition["example"]} for one in operation.query if "example" in one.definition]
        for query in queries:
            answer = operation.Case(path_parameters=parts, query=query).call_and_validate(headers=PLAIN, checks=CHECKS)
            assert answer.status_code == 200, (operation.label, query)
            assert answer.headers["etag"]


@pytest.mark.parametrize(
    "manner", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE], ids=["good", "bad"]
)
def test_whatever_is_asked_is_answered_as_described(described: Any, manner: schemathesis.GenerationMode) -> None:
    for operation in asked(described):
        if manner is schemathesis.GenerationMode.NEGATIVE and not (len(operation.query) or len(operation.path_parameters)):
            continue  # nothing can be wrong

        @hypothesis.settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=manner))
        def ask(case: Any) -> None:
            case.call_and_validate(headers=PLAIN, checks=CHECKS)

        ask()


def test_an_answer_that_lies_is_seen(described: Any) -> None:
    """The checks do check: the same answer, against another description."""
    operation = described["/titles/{slug}"]["GET"]
    answer = operation.Case(path_parameters={"slug": "gimp"}).call(headers=PLAIN)
    other = described["/lists/{held}"]["GET"].Case(path_parameters={"held": "socle"})
    with pytest.raises(schemathesis.checks.FailureGroup):
        other.validate_response(answer, checks=CHECKS)
