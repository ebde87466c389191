"""Writes the OpenAPI document: python -m webapp.api.document [FILE], or to standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from webapp.api.openapi import text


def main(arguments: list[str]) -> int:
    """Writes the document as it is served."""
    if arguments:
        Path(arguments[0]).write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
