"""The data dictionary."""

from __future__ import annotations

import re

from generation.spec.catalog import TABLES
from generation.spec.segments import SEGMENTS
from tests.webapp.results.conftest import Shown, cells


def test_every_column_is_explained_once_at_its_table(shown: Shown) -> None:
    html = shown.get("/dictionary")
    for table in TABLES:
        section = html.split(f'<h2 id="{table.name}">')[1].split("</section>")[0]
        assert re.findall(r"<dt><code>([^<]*)</code>", section) == [column.name for column in table.columns]
        values = {value for column in table.columns for value in column.values}
        assert all(f"<code>{value}</code>" in section for value in values), table.name


def test_keys_lead_to_the_tables_they_refer_to(shown: Shown) -> None:
    html = shown.get("/dictionary")
    for table in TABLES:
        section = html.split(f'<h2 id="{table.name}">')[1].split("</section>")[0]
        assert all(f'href="#{key.table}">→ {key.table}<' in section for key in table.foreign_keys)


def test_the_diagram_is_there_also_in_words(shown: Shown) -> None:
    html = shown.get("/dictionary")
    assert '<svg class="er"' in html
    assert html.count("refers to") >= 2 * sum(len(table.foreign_keys) for table in TABLES)


def test_segments_are_listed_by_priority_with_their_thresholds(shown: Shown) -> None:
    rows = cells(shown.get("/dictionary"), "segment-rules")
    assert [row[1] for row in rows] == [segment.name for segment in SEGMENTS]
    assert not any("{" in row[3] for row in rows)
