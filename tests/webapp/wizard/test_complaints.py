"""Problems in the words of the page."""

from __future__ import annotations

from typing import Any

import pytest

from generation.spec.diagnosis import every_problem
from generation.spec.files import merged
from generation.spec.form import fields, values_from_form
from generation.spec.nested import with_value
from generation.spec.settings import LEAVES
from tests.spec.test_config import CONTRADICTIONS
from webapp.steps import Step
from webapp.wizard.complaints import FIELDS, RULES, Complaint, complaints, concerned


def said(values: dict[str, Any]) -> list[Complaint]:
    return complaints(every_problem(values), values)


def typed(name: str, text: str) -> Complaint:
    (complaint,) = said(values_from_form([(name, text)], name.split(".")[0]))
    return complaint


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("households.count", "0", "Households must be from 1 to 1,000,000,000; you gave 0"),
        ("households.count", "", "Households: enter a whole number, like 10,000"),
        ("households.count", "1.5", "Households must be a whole number, like 10,000"),
        ("demographics.identity.ios_share", "150", "Smartphones with iOS must be from 0% to 100%; you gave 150%"),
        ("demographics.identity.ios_share", "half", "Smartphones with iOS must be a percentage, like 12.5"),
        ("demographics.identity.coverage.idfa", "101", "IDFA must be from 0% to 100%; you gave 101%"),
        ("engagement.audiences.heavy_frequency", "0", "Heavy viewer from must be over 0 and at most 5,000; you gave 0"),
        ("campaigns.measurement.lift", "9999", "Lift must be from 0% to 2,000%; you gave 9,999%"),
        ("campaigns.channels", "", "Channels: choose at least one"),
        ("output.as_of", "tomorrow", "Date of the dataset must be a date, like 2026-01-01"),
        ("output.as_of", "1999-01-01", "Date of the dataset must be from 2000-01-01 to 2100-01-01; you gave 1999-01-01"),
        ("output.name", "My Data", "Name of the dataset must be 1 to 63 lower-case letters, digits, - and _, with a letter "
         "or digit first, got 'My Data'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_label_bounds_and_value(name: str, text: str, sentence: str) -> None:
    assert typed(name, text).text == sentence


def test_the_control_of_a_share_is_its_own_input() -> None:
    assert typed("demographics.identity.coverage.idfa", "x").control == "f-demographics-identity-coverage-idfa"
    assert typed("campaigns.click_rates.ctv", "x").control == "f-campaigns-click_rates-ctv"
    assert typed("campaigns.channels", "").control == "f-campaigns-channels"


def test_shares_that_do_not_add_up_say_what_is_missing() -> None:
    values = {"demographics": {"identity": {"emails_per_adult": [0.5, 0.1, 0.1, 0.1, 0.1, 0.05]}}}
    assert said(values)[0].text == "E-mail addresses per adult must add up to 100%, and make 95%: add 5%"


@pytest.mark.parametrize("values", [values for values, _ in CONTRADICTIONS], ids=str)
def test_every_rule_is_told_with_labels_and_leads_to_a_question(values: dict[str, Any]) -> None:
    for complaint in said(values):
        assert complaint.names and complaint.step is not None
        assert not any(f"{name} " in complaint.text for name in FIELDS), complaint.text


@pytest.mark.parametrize("name", [name for name in FIELDS if FIELDS[name].kind != "text"])
def test_no_mistake_is_told_in_the_names_of_files(name: str) -> None:
    for wrong in ("?", -5, None, [], {}, 1e12, ["x"], {"x": 1}):
        values = with_value({}, tuple(name.split(".")), wrong)
        for complaint in said(values):
            assert name not in complaint.text, complaint.text


def test_rules_with_words_of_their_own_still_exist() -> None:
    found = set()
    for values, _ in CONTRADICTIONS:
        found |= {concerned(problem) for problem in every_problem(merged({}, values))}
    assert set(RULES) <= found
    assert all(name in LEAVES for names in RULES for name in names)


def test_every_step_knows_its_settings() -> None:
    assert set(FIELDS) == {field.name for step in Step for field in fields(step.section)}
