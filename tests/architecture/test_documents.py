"""The generated pages of docs/ are those the code would write now."""

from pathlib import Path

import pytest

from generation.commands.documents import DOCUMENTS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_generated_page_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == DOCUMENTS[name](), "run make docs"
