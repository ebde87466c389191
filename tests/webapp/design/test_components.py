"""What the macros of templates/components make of their arguments."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from generation.spec.config import Config
from generation.spec.form import fields, flattened, values_from_form
from tests.webapp.design.gallery import SECTIONS, environment_of, gallery

FORMS = '{% from "components/forms.html" import question, share, shares, whole %}'
APP = Flask(__name__)
environment_of(APP)


def made(source: str, **context: Any) -> str:
    """What a template makes."""
    with APP.app_context():
        return render_template_string(source, **context)


def asked(name: str, text: str = "", error: str = "") -> str:
    """The question for a setting."""
    field = next(field for section in SECTIONS for field in fields(section) if field.name == name)
    return made(
        FORMS + "{{ question(field, texts, errors, '/f') }}", field=field, texts={name: text}, errors={name: error}
    )


def inputs_of(page: str) -> list[tuple[str, str]]:
    """Names and values that a browser would post for one-line inputs, ticks and choices."""
    tags = re.findall(r"<input [^>]*>", page)
    sent = [tag for tag in tags if ('type="radio"' not in tag and 'type="checkbox"' not in tag) or " checked" in tag]
    return [(re.findall(r' name="([^"]*)"', tag)[0], re.findall(r' value="([^"]*)"', tag)[0]) for tag in sent]


def test_a_form_that_is_not_touched_posts_the_same_configuration() -> None:
    texts, changed = flattened(Config()), {}
    for section in SECTIONS:
        source = FORMS + "{% for field in fields %}{{ question(field, texts, {}) }}{% endfor %}"
        changed |= values_from_form(inputs_of(made(source, fields=fields(section), texts=texts)), section)
    assert Config.model_validate(changed) == Config()


@given(st.floats(0, 1))
def test_a_share_is_shown_in_per_cent_to_fifteen_digits(fraction: float) -> None:
    (_, shown), *_ = inputs_of(made(FORMS + "{{ share('a', 'A', fraction) }}", fraction=fraction))
    assert float(shown) / 100 == pytest.approx(fraction, rel=1e-14)


def test_a_share_has_no_tail_of_binary_fractions() -> None:
    assert 'value="29"' in made(FORMS + "{{ share('a', 'A', 0.29) }}")


def test_a_quantity_is_grouped_and_a_seed_is_not() -> None:
    assert 'value="1,000,000"' in asked("households.count", "1000000")
    assert 'value="1000000"' in asked("output.seed", "1000000")


def test_what_was_typed_comes_back_as_it_was_typed() -> None:
    assert 'value="1o,ooo"' in asked("households.count", "1o,ooo", "This is no number")
    assert 'value="12,5"' in asked("campaigns.reach", "12,5", "This is no number")


def test_an_error_is_tied_to_its_control() -> None:
    page = asked("households.count", "x", "Households must be a whole number")
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="u-households-count h-households-count e-households-count"' in page
    assert 'id="e-households-count"' in page


def test_a_control_without_error_is_not_called_invalid() -> None:
    assert "aria-invalid" not in asked("households.count", "10000")


def test_a_hint_has_range_and_default() -> None:
    assert "1 to 1,000,000,000 · default 10,000" in asked("households.count")
    assert "0% to 100% · default 45%" in asked("campaigns.reach")
    assert "Over 0 to 100 · default 3" in asked("campaigns.measurement.saturation_exposures")


def test_a_ratio_is_asked_for_in_per_cent() -> None:
    assert "0% to 2000% · default 30%" in asked("campaigns.measurement.lift")


def test_shares_say_what_is_missing() -> None:
    rows = [{"key": "a", "label": "A", "value": 0.9, "error": ""}]
    assert "10% missing" in made(FORMS + "{{ shares('s', 'S', rows, total=0.9) }}", rows=rows)
    assert "missing" not in made(FORMS + "{{ shares('s', 'S', rows, total=1.0000000001) }}", rows=rows)


def test_every_control_of_the_settings_has_one_label() -> None:
    page = gallery().test_client().get("/settings").text
    controls = re.findall(r'<(?:input|select|textarea) id="(f-[^"]+)"', page)
    assert len(controls) > 100
    assert sorted(controls) == sorted(re.findall(r'<label for="([^"]+)"', page))


def test_every_id_is_unique() -> None:
    for path in ("/settings", "/parts"):
        ids = re.findall(r'\sid="([^"]+)"', gallery().test_client().get(path).text)
        assert sorted(set(ids)) == sorted(ids)


def test_values_are_escaped() -> None:
    page = asked("households.count", '"><script>', "<b>no</b>")
    assert "<script>" not in page
    assert "<b>" not in page


def test_a_kind_that_no_macro_knows_is_refused() -> None:
    strange = replace(fields("households")[0], kind="riddle")  # type: ignore[arg-type]
    with pytest.raises(UndefinedError, match="never of the kind riddle"):
        made(FORMS + "{{ question(strange, {}, {}) }}", strange=strange)


def test_a_state_that_no_badge_knows_is_refused() -> None:
    with pytest.raises(UndefinedError, match="sleeping"):
        made('{% from "components/feedback.html" import badge %}{{ badge("sleeping") }}')


def test_only_the_section_of_the_page_is_lit_in_the_navigation() -> None:
    page = gallery().test_client().get("/parts").text
    assert re.findall(r'aria-current="page">(\w+)', page)[0] == "History"
    assert page.count('aria-current="page">History') == 1
