"""Every setting is asked for once, in plain words."""

from __future__ import annotations

from collections import Counter

import pytest
from flask.testing import FlaskClient

from generation.spec.form import fields
from tests.webapp.wizard.browser import begun
from webapp.steps import Step
from webapp.wizard.hints import HINTS, OPTION_HINTS, ROW_LABELS
from webapp.wizard.layout import BLOCKS
from webapp.wizard.questions import NOT_ASKED, asked

EVERY = {field.name: field for step in Step for field in fields(step.section)}


def test_every_setting_is_asked_for_once_but_those_this_server_decides(client: FlaskClient) -> None:
    names: Counter[str] = Counter()
    for step in Step:
        names.update(set(begun(client, step).read.names))
    inputs = {name for field in EVERY.values() if field.name not in NOT_ASKED for name in field.inputs}
    assert {name for name in names if "." in name} == inputs
    assert {names[name] for name in inputs} == {1}


def test_no_question_stands_twice_in_a_step() -> None:
    for step, blocks in BLOCKS.items():
        names = [name for block in blocks for name in block.all_names]
        assert sorted(names) == sorted(asked(step))


def test_only_settings_that_are_there_are_explained() -> None:
    assert set(HINTS) | set(ROW_LABELS) <= set(EVERY)
    for name, hints in OPTION_HINTS.items():
        assert set(hints) == {option.value for option in EVERY[name].options}


@pytest.mark.parametrize("step", list(Step))
def test_every_control_has_a_label_and_ids_stand_once(client: FlaskClient, step: Step) -> None:
    page = begun(client, step)
    assert [name for name, count in Counter(page.read.ids).items() if count > 1] == []
    labelled = {given["for"] for tag, given in page.read.tags if tag == "label"}
    controls = {
        given["id"] for tag, given in page.read.tags
        if tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "submit")
    }  # fmt: skip
    assert controls == labelled


@pytest.mark.parametrize("step", list(Step))
def test_a_page_has_no_style_or_script_of_its_own(client: FlaskClient, step: Step) -> None:
    page = begun(client, step)
    for tag, given in page.read.tags:
        assert "style" not in given and not [name for name in given if name.startswith("on")]
        assert tag not in ("style",) and not (tag == "script" and "src" not in given)


def test_questions_name_range_and_default(client: FlaskClient) -> None:
    page = begun(client)
    assert "1 to 1,000,000,000 · default 10,000" in page.text


def test_a_seed_is_written_without_separators(client: FlaskClient) -> None:
    page = begun(client, "review").send({"output.seed": "1234567"})
    assert page.values()["output.seed"] == "1234567"
