"""The form's door to the configuration: every setting has a field, and what people type is what they meant."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from generation.spec import form
from generation.spec.config import Config
from generation.spec.files import merged
from generation.spec.form import (
    IN_FILES_ONLY,
    MOST_PAIRS,
    FormField,
    fields,
    flattened,
    kind_of,
    percent_of,
    text_of,
    values_from_form,
)
from generation.spec.problems import InvalidConfig, validated
from generation.spec.settings import LEAVES
from tests.spec.any_config import CONFIGS

SECTIONS = [name for name in Config.model_fields if name != "version"]
FIELDS = {field.name: field for section in SECTIONS for field in fields(section)}


def typed(name: str, *texts: str) -> Any:
    """What a setting becomes of the texts sent for it."""
    section, *path = name.split(".")
    value: Any = values_from_form([(name, text) for text in texts], section)[section]
    for part in path:
        value = value[part]
    return value


def complaint(name: str, text: str) -> str:
    with pytest.raises(InvalidConfig) as caught:
        validated(values_from_form([(name, text)], name.split(".")[0]))
    (problem,) = caught.value.problems
    return problem.message


# Fields


def test_every_setting_has_one_field_in_the_order_of_the_schema() -> None:
    assert list(FIELDS) == [name for name in LEAVES if name not in ("version", *IN_FILES_ONLY)]


def test_every_field_says_what_it_is() -> None:
    assert [f.name for f in FIELDS.values() if not f.label or not f.help or f.label == f.label.lower()] == []


def test_no_two_fields_of_a_section_share_a_label() -> None:
    for section in SECTIONS:
        labels = [(field.group, field.label) for field in fields(section)]
        assert len(labels) == len(set(labels))


KINDS = {
    "households.count": "whole", "households.people_per_household": "real", "households.type_shares": "shares",
    "households.states": "choices", "demographics.identity.emails_per_adult": "list_of_shares",
    "demographics.identity.ios_share": "share", "campaigns.attribution.model": "choice",
    "campaigns.measurement.lift": "real", "output.as_of": "date", "output.name": "text", "output.path": "text",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_field_has_the_kind_of_its_type(name: str) -> None:
    assert FIELDS[name].kind == KINDS[name]


def test_a_field_has_its_setting_s_bounds_unit_and_default() -> None:
    count = FIELDS["households.count"]
    assert (count.minimum, count.maximum, count.unit, count.default) == (1, 1_000_000_000, "households", 10_000)
    assert FIELDS["output.as_of"].maximum == dt.date(2100, 1, 1)
    assert FIELDS["engagement.audiences.heavy_frequency"].bounds == "> 0, ≤ 5,000"


def test_shares_have_an_input_for_each_name() -> None:
    field = FIELDS["campaigns.click_rates"]
    assert field.inputs[:2] == ("campaigns.click_rates.display", "campaigns.click_rates.social")
    assert [option.label for option in field.options][-3:] == ["E-mail", "Search", "CTV"]


def test_fields_of_a_section_in_a_section_are_grouped() -> None:
    assert FIELDS["demographics.wife_hyphenates"].group == ""
    assert FIELDS["demographics.identity.ios_share"].group == "Identifiers and devices"


def test_only_a_setting_that_may_be_none_is_optional() -> None:
    assert [field.name for field in FIELDS.values() if field.optional] == [
        "households.people_per_household",
        "households.city",
        "campaigns.plan_seed",
        "output.path",
        "output.schema_name",
    ]


def test_there_are_no_fields_of_a_section_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        fields("household")


@given(CONFIGS)
@settings(deadline=None)
def test_flattened_values_have_the_names_of_the_inputs(config: Config) -> None:
    assert set(flattened(config)) == {name for field in FIELDS.values() for name in field.inputs}


# Text to values


@given(CONFIGS)
@settings(deadline=None)
def test_what_a_form_shows_reads_back_as_the_same_configuration(config: Config) -> None:
    values: dict[str, Any] = {}
    for section in SECTIONS:
        values = merged(values, values_from_form(flattened(config).items(), section))
    assert validated(values) == config


@pytest.mark.parametrize("text", ["1000", "1,000", "1 000", "1_000", "1\u00a0000", " 1'000 ", "1e3", "1000.0", "+1000"])
def test_a_thousand_is_read_however_it_is_written(text: str) -> None:
    assert typed("households.count", text) == 1000


@pytest.mark.parametrize("text", ["", "ten", "1.000", "1,00", "10.5", "1,000 000", "0x10", "٣", "nan", "9" * 101])
def test_what_is_no_whole_number_is_refused_as_it_was_typed(text: str) -> None:
    assert typed("households.count", text) == text
    assert complaint("households.count", text).startswith("households.count must be a whole number, got '" + text[:20])


@pytest.mark.parametrize(
    ("text", "value"),
    [("35%", 0.35), ("28.99 %", 0.2899), ("7.25", 0.0725), ("10", 0.1), (".5", 0.005), ("1e-5", 1e-07), ("0,5", "0,5")],
)
def test_a_share_is_typed_in_per_cent_with_and_without_the_sign(text: str, value: Any) -> None:
    assert typed("demographics.identity.ios_share", text) == value


@pytest.mark.parametrize("text", ["1e999", "inf", "−", "%", "1 %  %", ""])
def test_a_share_that_is_no_number_stays_text(text: str) -> None:
    assert typed("demographics.identity.ios_share", text) == text


def test_percent_of_what_is_no_share_is_refused() -> None:
    assert complaint("engagement.popularity_exponent", "5%").endswith("must be a number, got '5%'")


def test_a_ratio_is_typed_in_per_cent_too() -> None:
    assert typed("campaigns.measurement.lift", "130%") == typed("campaigns.measurement.lift", "130") == 1.3


def test_nothing_typed_is_none_where_that_is_allowed() -> None:
    assert typed("households.people_per_household", " ") is None
    assert typed("output.path", "") is None


def test_an_input_that_was_not_sent_is_left_out() -> None:
    assert values_from_form([], "households") == {}


def test_boxes_are_collected_and_the_empty_one_says_that_they_were_there() -> None:
    assert typed("households.states", "", "CA", "NY") == ("CA", "NY")
    assert typed("households.states", "") == ()


def test_names_may_be_typed_in_one_text() -> None:
    assert typed("households.states", "CA, NY;OR CA") == ("CA", "NY", "OR")


def test_shares_are_collected_by_name_and_by_number() -> None:
    assert typed("households.type_shares.roommates", "5%") == 0.05
    pairs = [(f"demographics.identity.emails_per_adult.{i}", f"{i}") for i in (10, 9, 0)]
    assert values_from_form(pairs, "demographics") == {
        "demographics": {"identity": {"emails_per_adult": (0.0, 0.09, 0.1)}}
    }


def test_an_unknown_name_is_refused_by_that_name() -> None:
    assert complaint("households.cuont", "5") == "households.cuont is not a setting; did you mean count?"
    assert complaint("demographics.identity.fax.share", "5").startswith("demographics.identity.fax.share is not a")


def test_other_sections_and_buttons_are_left_out() -> None:
    assert values_from_form([("output.seed", "5"), ("version", "3"), ("households", "x")], "households") == {}


def test_more_inputs_than_any_form_has_are_left_out() -> None:
    pairs = [("households.count", str(number)) for number in range(1, MOST_PAIRS + 2)]
    assert values_from_form(pairs, "households") == {"households": {"count": MOST_PAIRS}}


NAMES = st.sampled_from([name for field in FIELDS.values() for name in (field.name, *field.inputs)])
ODD = st.sampled_from(["", ".", ".0", ".a.b", ".99", ".100", "\udc80"])


@given(
    st.lists(st.tuples(st.text() | st.builds(str.__add__, NAMES, ODD), st.text() | st.from_regex(r"[-+0-9.,eE%_ ]*"))),
    st.sampled_from(SECTIONS),
)
def test_whatever_is_sent_becomes_values_that_are_accepted_or_refused(
    pairs: list[tuple[str, str]], section: str
) -> None:
    values = values_from_form(pairs, section)
    assert set(values) <= {section}
    try:
        validated(values)
    except InvalidConfig as error:
        assert error.problems


# Values as text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0725, "7.25"), (0.1 + 0.2, "30.000000000000004"), (1e-05, "0.001"), ("ten", "ten"), (True, "on")],
)
def test_a_fraction_is_written_in_per_cent(value: Any, text: str) -> None:
    assert percent_of(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(45.0, "45"), (1e-05, "0.00001"), (1e-300, "1e-300"), (None, ""), (1_000_000, "1000000"), (True, "on"),
     (dt.date(2026, 1, 1), "2026-01-01"), (("CA", "NY"), "CA, NY"), (float("nan"), "nan"), ([[]] * 2, "[], []"),
     (10**5000, "int of a size that cannot be shown"), ("ten", "ten")],
    ids=lambda value: str(value)[:12] if not isinstance(value, int) else "",
)  # fmt: skip
def test_a_value_is_written_as_people_write_it(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_values_that_are_wrong_are_shown_as_they_are() -> None:
    values = {"households": {"count": "ten", "type_shares": 5, "states": ["XX"]}, "campaigns": 3}
    assert flattened(values) == {
        "households.count": "ten",
        "households.type_shares": "5",
        "households.states": "XX",
    }


def test_a_field_with_one_input_is_named_by_its_setting() -> None:
    assert FormField("output.seed", "Seed", "", "whole", 42).inputs == ("output.seed",)


@pytest.mark.parametrize(
    ("texts", "value"), [([""], False), (["", "on"], True), (["No"], False), (["maybe"], "maybe")], ids=str
)
def test_a_flag_is_on_off_or_refused(texts: list[str], value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = FormField("output.flag", "Flag", "", "flag", True)
    monkeypatch.setattr(form, "fields", lambda section: (flag,))
    assert typed("output.flag", *texts) == value


def test_a_type_that_no_field_takes_is_refused() -> None:
    with pytest.raises(TypeError, match="no form field takes"):
        kind_of(FieldInfo(annotation=bytes))
