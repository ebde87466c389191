"""The pages of docs/ that come from the catalogue and the configuration."""

from __future__ import annotations

import argparse

from generation.spec import docs as documents
from generation.spec.catalog import EVERY
from generation.spec.problems import InvalidConfig, Problem

DOCUMENTS = {
    "data-dictionary.md": lambda: documents.data_dictionary(EVERY),
    "er-diagram.md": lambda: (
        f"# Entity-relationship diagram\n\n```mermaid\n{documents.er_diagram(EVERY).strip()}\n```\n"
    ),
    "configuration.md": documents.config_reference,
}


def docs(options: argparse.Namespace) -> int:
    """Write the generated documents."""
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        for name, text in DOCUMENTS.items():
            (options.output / name).write_text(text(), encoding="utf-8")
            print(options.output / name)
    except OSError as error:
        message = f"--output {options.output}: {error.strerror}; give a folder that can be written"
        raise InvalidConfig([Problem("/output", "target", message)]) from error
    return 0
