"""The command line as a terminal sees it: exit code, standard output and standard error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generation.__main__ import main
from tests.builders import idgraph

BAD_INPUT, FAILURE, UNJUDGED = 2, 1, 3


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The complaints, without their prefix."""
        lines = self.err.splitlines()
        assert all(line.startswith("idgraph: ") for line in lines), self.err
        return [line.removeprefix("idgraph: ") for line in lines]

    @property
    def line(self) -> str:
        """The only complaint, of a command that says nothing else."""
        (line,) = self.lines
        assert self.out == ""
        return line

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Terminal = Callable[..., Said]


def in_process(capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Commands that start no engine, without the cost of a process."""

    def run(*arguments: str) -> Said:
        try:
            code = main(list(arguments))
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def in_a_process(*arguments: str, prefix: tuple[str, ...] = ()) -> Said:
    """Commands that start an engine."""
    done = idgraph(*arguments, prefix=prefix)
    return Said(done.returncode, done.stdout, done.stderr)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder and what is in it."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
