"""What pages ask for while somebody types."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from generation.spec.catalog import TABLES
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.preview_client import Sample
from generation.spec.problems import InvalidConfig, validated
from tests.spec.test_config import CONTRADICTIONS
from tests.webapp.wizard.browser import Page, at, begun, open_page, post
from webapp.preview import Preparing, Unavailable
from webapp.services import Services
from webapp.steps import Step
from webapp.wizard.complaints import concerned
from webapp.wizard.questions import TOGETHER
from webapp.wizard.samples import TABLES_OF


def field(page: Page, name: str, changes: dict[str, Any]) -> str:
    answer = post(page.client, f"{page.url}/field/{name}", page.filled(changes))
    assert answer.status_code == 200
    return answer.text


def test_a_question_is_answered_with_itself_and_its_mistake(client: FlaskClient) -> None:
    text = field(begun(client), "households.count", {"households.count": "ten"})
    assert text.lstrip().startswith('<div class="field invalid" id="g-households-count"')
    assert 'value="ten"' in text and 'aria-invalid="true"' in text


def test_a_mistake_is_watched_while_it_is_being_mended_and_not_before(client: FlaskClient) -> None:
    page = begun(client)
    wrong = field(page, "households.count", {"households.count": "ten"})
    right = field(page, "households.count", {"households.count": "10"})
    assert 'hx-trigger="change, input delay:400ms changed"' in wrong
    assert 'hx-trigger="change"' in right


def test_screen_readers_are_told_of_the_mistake(client: FlaskClient) -> None:
    text = field(begun(client), "households.count", {"households.count": "0"})
    assert 'hx-swap-oob="innerHTML">Households must be from 1 to 1,000,000,000; you gave 0</div>' in text


def test_what_a_rule_ties_to_a_question_is_asked_for_anew_when_it_changes(client: FlaskClient) -> None:
    page = begun(client, "campaigns")
    (given,) = [given for _, given in page.read.tags if "frequency_cap" in given.get("hx-trigger", "")]
    assert given["hx-trigger"] == "change from:#g-campaigns-frequency_cap"
    assert given["hx-target"] == "#g-campaigns-mean_frequency"
    text = field(page, "campaigns.mean_frequency", {"campaigns.frequency_cap": "5"})
    assert "“Mean frequency” 4 is over 0.45" in text


def test_one_share_is_answered_with_the_whole_set_and_its_total(client: FlaskClient) -> None:
    text = field(begun(client), "households.type_shares", {"households.type_shares.roommates": "3"})
    assert "0.826% too much" in text


def test_looking_at_a_question_saves_nothing(client: FlaskClient) -> None:
    page = begun(client)
    field(page, "households.count", {"households.count": "5"})
    assert open_page(client, page.url).values()["households.count"] == "10,000"


def test_a_question_of_another_step_is_not_found(client: FlaskClient) -> None:
    page = begun(client)
    for name in ("output.name", "households.nothing", "output.path"):
        assert post(client, f"{page.url}/field/{name}", page.filled({})).status_code == 404


@pytest.mark.parametrize("values", [values for values, _ in CONTRADICTIONS], ids=str)
def test_questions_that_a_rule_ties_together_are_known(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig) as caught:
        validated(values)
    names = concerned(caught.value.problems[0])
    in_one_step = len({name.split(".")[0] for name in names}) == 1 and len(names) > 1
    assert not in_one_step or any(set(names) <= group for group in TOGETHER)


# The outlook


def live(page: Page, changes: dict[str, Any]) -> str:
    return post(page.client, f"{page.url}/live", page.filled(changes)).text


def forecast(households: int) -> str:
    return f"{estimate(Config.model_validate({'households': {'count': households}})).rows:,}"


def test_rows_follow_what_is_typed(client: FlaskClient) -> None:
    page = begun(client)
    assert f"<dd>{forecast(10_000)}</dd>" in page.text
    assert f"<dd>{forecast(100_000)}</dd>" in live(page, {"households.count": "100,000"})


def test_a_mistake_leaves_the_outlook_of_what_was_saved_and_says_so(client: FlaskClient) -> None:
    text = live(begun(client), {"households.count": "ten"})
    assert forecast(10_000) in text and "As saved" in text


def test_the_outlook_names_what_its_time_rests_on(client: FlaskClient) -> None:
    assert "Time from a short calibration of this machine" in begun(client).text


def test_more_than_the_disk_holds_is_warned_of_with_the_knob_to_turn(client: FlaskClient) -> None:
    text = live(begun(client), {"households.count": "1,000,000,000"})
    assert "There is not enough room" in text and "lower Known identifiers, or lengthen the Cookie lifetime" in text
    assert "Or lower Households: about" in text


def test_a_long_run_is_warned_of(client: FlaskClient) -> None:
    page = begun(client, "engagement")
    text = live(page, {"engagement.events_per_person_month": "300", "engagement.history_days": "30"})
    assert "This takes a while" not in text
    at(page, "households").send({"households.count": "2,000,000"})
    text = live(page, {"engagement.events_per_person_month": "100"})
    assert "This takes a while" in text and "lower Events per person or the History window" in text


def test_too_few_conversions_to_measure_are_warned_of(client: FlaskClient) -> None:
    assert "Few conversions" in begun(client, "campaigns", "small").text
    assert "Few conversions" not in begun(client, "campaigns", "starter").text


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.REVIEW])
def test_every_step_shows_charts_with_a_table_each(client: FlaskClient, step: str) -> None:
    page = begun(client, step)
    assert page.text.count('<figure class="chart">') == page.text.count("Show as table") > 0


def test_a_chart_is_had_as_a_csv_file_with_the_numbers_of_its_table(client: FlaskClient) -> None:
    figure = begun(client, "households").text.split('<figure class="chart">')[1].split("</figure>")[0]
    href = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)" download', figure)
    assert href is not None
    rows = list(csv.reader(io.StringIO(unquote(href[1]))))
    shown = [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", figure)]
    assert [cell for row in rows for cell in row] == [unescape(cell).replace(",", "") for cell in shown]


# Sample rows


class Canned:
    """A preview server that answers as it is told."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, []  # type: ignore[var-annotated]  # configurations

    def rows(self, config: Any, tables: Any) -> Any:
        self.asked.append(config)
        return self.answer


ROWS = {"households": Sample(("household_id", "tags"), ((1, {"a": [1, 2]}), (2, None)), complete=True)}


def sample(app: Flask, answer: Any, changes: dict[str, Any] | None = None) -> tuple[Any, Canned]:
    canned = app.extensions["idgraph_previews"] = Canned(answer)
    page = begun(app.test_client())
    return post(page.client, f"{page.url}/sample", page.filled(changes or {})), canned


def test_rows_of_what_is_typed_are_shown(app: Flask) -> None:
    answer, canned = sample(app, ROWS, {"households.count": "5"})
    assert "household_id" in answer.text and "{&#34;a&#34;: [1, 2]}" in answer.text
    assert canned.asked[0].households.count == 5


def test_while_the_server_starts_the_page_asks_again(app: Flask) -> None:
    answer, _ = sample(app, Preparing())
    assert "being prepared" in answer.text and 'hx-trigger="load delay:1500ms"' in answer.text


def test_without_a_server_the_page_says_why_and_goes_on(app: Flask) -> None:
    answer, _ = sample(app, Unavailable("the preview server has a cold"))
    assert "The preview server has a cold. You can go on without them." in answer.text


def test_rows_stay_while_something_typed_is_wrong(app: Flask) -> None:
    answer, canned = sample(app, ROWS, {"households.count": "ten"})
    assert answer.status_code == 204 and not canned.asked


def test_the_fake_backend_starts_no_preview_server(client: FlaskClient, services: Services) -> None:
    page = begun(client)
    assert "the fake backend makes no rows" in post(client, f"{page.url}/sample", page.filled({})).text.lower()
    assert not (services.settings.state_dir / "preview.json").exists()


def test_without_scripts_the_sample_is_a_page_of_its_own(app: Flask) -> None:
    app.extensions["idgraph_previews"] = Canned(ROWS)
    page = begun(app.test_client()).follow("Show sample rows")
    assert page.title == "Sample rows: Households" and "household_id" in page.text


def test_every_table_that_is_always_there_is_shown_at_one_step() -> None:
    shown = [name for names in TABLES_OF.values() for name in names]
    assert sorted(shown) == sorted(table.name for table in TABLES)
