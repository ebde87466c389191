"""What a body may be: JSON read strictly, with every refusal in words."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.webapp.api.conftest import MakeApp
from tests.webapp.api.test_wizard_api import pointers, problem
from webapp.api.bodies import json_of
from webapp.errors import Refused


def sent(client: FlaskClient, text: str | bytes, kind: str = "application/json") -> TestResponse:
    return client.post("/wizard/step/households/validate", data=text, content_type=kind)


def draft(value: str) -> str:
    """A body with a value somewhere in its draft."""
    return f'{{"config": {{"households": {{"count": {value}}}}}}}'


@pytest.mark.parametrize(
    "text",
    ["", "{", "{'config': {}}", '{"config": {},}', '{"config": {}} {}', draft("01"), draft("NaN"), draft("-Infinity"),
     draft("1e400"), draft('"\t"'), b'{"config": "\xff"}', '{"config": {}}'.encode("utf-16")],
)  # fmt: skip
def test_what_is_no_json_is_malformed(client: FlaskClient, text: str | bytes) -> None:
    problem(sent(client, text), 400, "malformed_json")


def test_malformed_json_is_told_its_place(client: FlaskClient) -> None:
    assert "line 2, column 12" in problem(sent(client, '{\n "config": x}'), 400, "malformed_json")["detail"]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ('{"config": {"a": 1, "a": 2}}', "/config/a", "repeated"),
        ('{"config": {}, "config": {}}', "/config", "repeated"),
        (draft('"\\u0000"'), "/config/households/count", "null_character"),
        ('{"config": {"a\\u0000b": [1]}}', "/config/a\0b", "null_character"),
        (draft('["\\ud800"]'), "/config/households/count/0", "half_character"),
        ('{"config": {"\\udfff": 1}}', "/config", "half_character"),
        (draft("9" * 401), "/config/households/count", "unreadable"),
        (draft("[" * 30 + "]" * 30), "", "too_deep"),
        (draft(json.dumps([0] * 10_001)), "", "too_many"),
        ("[]", "", "object_type"),
        ("null", "", "object_type"),
        ('"text"', "", "object_type"),
        ("{}", "/config", "missing"),
        ('{"config": []}', "/config", "dict_type"),
        ('{"config": {}, "version": true}', "/version", "int_type"),
        ('{"config": {}, "version": "1"}', "/version", "int_type"),
        ('{"config": {}, "version": 1.5}', "/version", "int_type"),
        ('{"config": {}, "version": 0}', "/version", "greater_than_equal"),
        ('{"config": {}, "version": 99999999999999999999999}', "/version", "less_than_equal"),
        ('{"config": {}, "session_id": "1"}', "/session_id", "contradiction"),
        ('{"config": {}, "sesion_id": null}', "/sesion_id", "unknown_member"),
    ],
)
def test_json_of_the_wrong_shape_is_pointed_at(client: FlaskClient, text: str, pointer: str, code: str) -> None:
    errors = problem(sent(client, text), 422, "invalid_body")["errors"]
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in errors]


def test_a_member_that_was_misspelt_is_told_the_right_name(client: FlaskClient) -> None:
    body = problem(sent(client, '{"config": {}, "sesion_id": null}'), 422, "invalid_body")
    assert "did you mean session_id?" in body["errors"][0]["message"]


def test_every_problem_of_a_body_is_told_at_once(client: FlaskClient) -> None:
    body = problem(sent(client, '{"config": 1, "version": "x", "a": "\\u0000", "b": "\\u0000"}'), 422, "invalid_body")
    assert pointers(body) == ["/a", "/b"]
    body = problem(sent(client, '{"config": 1, "version": "x", "extra": 1}'), 422, "invalid_body")
    assert sorted(pointers(body)) == ["/config", "/extra", "/version"]


@pytest.mark.parametrize("value", ["5.0", "5e0", "5"])
def test_a_whole_number_may_be_written_with_a_point(client: FlaskClient, value: str) -> None:
    answer = sent(client, f'{{"config": {{"households": {{"count": {value}}}}}, "version": {value}}}')
    assert (answer.json or {})["estimate"]["tables"]["households"]["rows"] == 5


@pytest.mark.parametrize("setting", [{"households": {"count": True}}, {"campaigns": {"reach": False}}])
def test_truth_is_not_a_number(client: FlaskClient, setting: dict[str, Any]) -> None:
    answer = client.post("/wizard/step/review/validate", json={"config": setting})
    assert len((answer.json or {})["errors"]) == 1


def test_a_byte_order_mark_and_blanks_around_are_no_problem(client: FlaskClient) -> None:
    assert sent(client, b'\xef\xbb\xbf\n {"config": {}} \r\n').status_code == 200


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/problem+json"]
)
def test_another_content_type_is_refused(client: FlaskClient, kind: str) -> None:
    problem(sent(client, '{"config": {}}', kind), 415, "unsupported_media_type")


def test_the_content_type_may_name_the_charset(client: FlaskClient) -> None:
    assert sent(client, '{"config": {}}', "Application/JSON; charset=utf-8").status_code == 200


def test_a_body_over_the_limit_is_refused_however_it_is_sent(client: FlaskClient) -> None:
    large = draft(json.dumps("x" * 1_000_001))
    problem(sent(client, large), 413, "request_entity_too_large")
    in_pieces = {"wsgi.input": io.BytesIO(large.encode()), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = client.post("/wizard/session", environ_overrides=in_pieces, content_type="application/json")
    problem(answer, 413, "request_entity_too_large")


def test_a_large_text_within_the_limit_is_only_a_wrong_value(client: FlaskClient) -> None:
    answer = sent(client, draft(json.dumps("x" * 900_000)))
    assert answer.status_code == 200 and len(answer.data) < 1_000


def test_nesting_and_size_at_their_limits_are_read() -> None:
    assert json_of(b"[" * 20 + b"]" * 20)
    assert len(json_of(json.dumps([0] * 9_999).encode())) == 9_999
    with pytest.raises(Refused):
        json_of(b"[" * 21 + b"]" * 21)


# --- what databases keep --------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
NUMBERS = st.integers(-(10**390), 10**390) | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; PostgreSQL writes 1e300 with all of its zeros and -0.0 without its sign."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and not isinstance(other, bool):
        return one == float(other)
    return type(one) is type(other) and bool(one == other)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(TEXT, ANYTHING, max_size=4), name=ANYTHING)
def test_any_draft_is_kept_as_it_was_sent(make_app: MakeApp, store_url: str, values: Any, name: Any) -> None:
    client = make_app(database_url=store_url).test_client()
    path = client.post("/wizard/session", json={}).headers["Location"]
    draft = {"campaigns": values, "engagement": name, "output": {"name": name}}
    body = {"config": draft, "session_id": path.rpartition("/")[2], "version": 1}
    answer = client.post("/wizard/step/households/validate", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.text
    if (answer.json or {})["saved"]:
        kept = (client.get(path).json or {})["config"]
        assert all(same(value, kept["campaigns"][key]) for key, value in values.items())
        assert same(name, kept["output"]["name"])
