"""Bad input: exit 2, one line a problem that names the setting, the value and the remedy, and nothing written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generation.commands import configuration
from generation.spec.config import DEFAULT_TYPE_SHARES
from tests.command_line.terminal import BAD_INPUT, FAILURE, UNJUDGED, Said, Terminal, in_a_process, tree

SHARES = json.dumps({**DEFAULT_TYPE_SHARES, "roommates": 0.5})

SETTINGS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("--households", "-5"), ("households.count", "at least 1", "-5")),
    (("--households", "0"), ("households.count", "at least 1", "0")),
    (("--households", "1000000001"), ("households.count", "at most 1,000,000,000", "1,000,000,001")),
    (("--households", "9" * 40), ("households.count", "at most 1,000,000,000")),
    (("--households", "ten"), ("households.count", "whole number", "'ten'")),
    (("--households", "1.5"), ("households.count", "whole number", "1.5")),
    (("--households", ""), ("households.count", "whole number", "''")),
    (("--households", "[5]"), ("households.count", "whole number", "[5]")),
    (("--seed", "-1"), ("output.seed", "at least 0", "-1")),
    (("--engine", "spark"), ("output.engine", "embedded", "'spark'")),
    (("--set", "households.cuont=5"), ("households.cuont", "did you mean count?")),
    (("--set", "planet.name=Mars"), ("planet", "is not a setting", "households")),
    (("--set", "campaigns.count=many"), ("campaigns.count", "whole number", "'many'")),
    (("--set", "campaigns.count"), ("--set", "section.key=value", "'campaigns.count'")),
    (("--set", "campaigns.channels=[fax]"), ("channels", "display", "['fax']")),
    (("--set", f"households.type_shares={SHARES}"), ("type_shares", "= 1.47826", "-0.47826")),
    (("--set", "engagement.history_days=20"), ("flight_days 28", "history_days 20", "shorten the flight")),
    (("--set", "output.as_of=2026-02-30"), ("--set output.as_of", "'2026-02-30'")),
    (("--preset", "huge"), ("preset 'huge' is unknown", "starter, small, standard")),
    (("--mode", "replace"), ("--mode", "replace", "create", "--help")),
    (("--colour", "red"), ("--colour", "--help")),
    (("no-such.yaml",), ("no-such.yaml", "No such file", "give a YAML or JSON")),
]


@pytest.mark.parametrize(("arguments", "words"), SETTINGS, ids=[" ".join(a)[:40] for a, _ in SETTINGS])
def test_a_bad_setting_is_refused_in_one_line(
    arguments: tuple[str, ...], words: tuple[str, ...], terminal: Terminal, tmp_path: Path
) -> None:
    said = terminal("generate", *arguments, "--output", str(tmp_path / "d"))
    assert said.code == BAD_INPUT
    assert [word for word in words if word not in said.line] == [], said.line
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("handler", ["estimate", "preview --table devices"])
def test_every_command_with_a_configuration_refuses_bad_ones(handler: str, terminal: Terminal) -> None:
    said = terminal(*handler.split(), "--households", "-5")
    assert (said.code, said.line) == (BAD_INPUT, "households.count must be at least 1, got -5")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("preview", "--table", "pets"), ("--table 'pets'", "households", "outcome_metrics")),
        (("preview", "--table", "devices", "--rows", "0"), ("--rows", "1 to 1000", "'0'")),
        (("preview", "--table", "devices", "--rows", "²"), ("--rows", "'²'")),
        (("preview",), ("--table",)),
        (("config", "--preset", "huge"), ("'huge'", "starter")),
        (("run", "no-such-folder"), ("no-such-folder", "run directory")),
        (("docs", "--output", "/proc/docs"), ("--output /proc/docs", "give a folder")),
        (("dance",), ("dance", "generate")),
        ((), ("command",)),
    ],
    ids=str,
)
def test_other_bad_arguments_are_refused_in_one_line(
    arguments: tuple[str, ...], words: tuple[str, ...], terminal: Terminal
) -> None:
    said = terminal(*arguments)
    assert said.code == BAD_INPUT
    assert [word for word in words if word not in said.line] == [], said.line


def test_every_problem_has_its_line(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("households: {count: 0, size: 3}\noutput: {seed: x}\n")
    said = terminal("estimate", str(file))
    assert [line.split()[0] for line in said.lines] == ["households.count", "households.size", "output.seed"]


def test_a_line_break_in_a_name_breaks_no_line(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text('{"house\\nholds": 5}')
    assert terminal("estimate", str(file)).line.startswith("house holds is not a setting; did you mean households?")


@pytest.mark.parametrize("text", ["output: 5", "output:", "households: [1]"])
def test_a_flag_does_not_hide_a_broken_section_of_the_file(text: str, terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(text)
    said = terminal("generate", str(file), "--households", "5", "--output", str(tmp_path / "d"))
    assert said.code == BAD_INPUT
    assert "must be a section with settings" in said.line


def test_a_missing_output_is_named(terminal: Terminal) -> None:
    said = terminal("generate")
    assert (said.code, said.line) == (BAD_INPUT, "--output is missing; give the folder the tables go to")


def test_problems_are_json_where_asked_for(terminal: Terminal) -> None:
    said = terminal("estimate", "--households", "-5", "--json")
    (error,) = said.json["errors"]
    assert (said.code, said.json["ok"], error["pointer"]) == (BAD_INPUT, False, "/households/count")
    assert error["message"] in said.lines


class TestOutput:
    def test_below_a_file_is_refused(self, terminal: Terminal, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        for path in (tmp_path / "file", tmp_path / "file" / "d"):
            said = terminal("generate", "--households", "5", "--output", str(path))
            assert (said.code, said.line) == (BAD_INPUT, f"output.path: {tmp_path / 'file'} is a file; choose a folder")
        assert tree(tmp_path) == {"file": b"mine"}

    def test_in_a_file_system_that_takes_no_files_is_refused(self, terminal: Terminal) -> None:
        said = terminal("generate", "--households", "5", "--output", "/proc/dataset")
        assert said.code == BAD_INPUT
        assert said.line.startswith("output.path: ")

    def test_without_permission_is_refused(
        self, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        said = terminal("generate", "--households", "5", "--output", str(tmp_path))
        assert (said.code, tree(tmp_path)) == (BAD_INPUT, {})
        assert said.line == f"output.path: {tmp_path} is not writable; choose a folder you may write to"

    def test_with_too_long_a_name_is_refused(self, terminal: Terminal, tmp_path: Path) -> None:
        said = terminal("generate", "--households", "5", "--output", str(tmp_path / ("n" * 300)))
        assert said.code == BAD_INPUT
        assert said.line.endswith("cannot be reached (File name too long); choose another folder")

    def test_on_too_small_a_disk_is_refused_with_the_arithmetic(self, terminal: Terminal, tmp_path: Path) -> None:
        said = terminal("generate", "--households", "1000000000", "--output", str(tmp_path / "d"))
        needed, free, short = (float(part.replace(",", "").split()[0]) for part in numbers_before(" GB", said.line))
        assert said.code == BAD_INPUT
        assert needed - free == pytest.approx(short, abs=0.11)
        assert not (tmp_path / "d").exists()

    def test_with_something_else_in_it_is_left_alone(self, terminal: Terminal, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("mine")
        said = terminal("generate", "--households", "5", "--output", str(tmp_path))
        assert said.code == BAD_INPUT
        assert "already holds something else (thesis.txt); choose an empty or new folder" in said.line
        assert tree(tmp_path) == {"thesis.txt": b"mine"}

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", "null", '{"name": "somebody else\'s"}', b"\xff\xfe"],
        ids=["empty", "cut", "list", "null", "foreign", "binary"],
    )
    @pytest.mark.parametrize("mode", ["create", "regenerate", "append"])
    def test_with_a_corrupt_or_foreign_manifest_is_left_alone(
        self, mode: str, text: str | bytes, terminal: Terminal, tmp_path: Path
    ) -> None:
        (tmp_path / "manifest.json").write_bytes(text.encode() if isinstance(text, str) else text)
        before = tree(tmp_path)
        said = terminal("generate", "--households", "5", "--mode", mode, "--output", str(tmp_path))
        assert (said.code, tree(tmp_path)) == (BAD_INPUT, before)
        assert f"{tmp_path / 'manifest.json'} " in said.line
        assert "choose another folder" in said.line

    @pytest.mark.parametrize("change", [{"config": {"planet": "Mars"}}, {"manifest_version": 2}], ids=str)
    def test_with_a_manifest_of_another_version_is_left_alone(
        self, change: dict[str, object], terminal: Terminal, tmp_path: Path, good_dataset: Path
    ) -> None:
        manifest = json.loads((good_dataset / "manifest.json").read_text())
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | change))
        before = tree(tmp_path)
        said = terminal("generate", "--households", "5", "--output", str(tmp_path))
        assert (said.code, tree(tmp_path)) == (BAD_INPUT, before)
        assert "manifest.json" in said.line

    def test_that_is_new_cannot_be_appended_to(self, terminal: Terminal, tmp_path: Path) -> None:
        said = terminal("generate", "--households", "5", "--mode", "append", "--output", str(tmp_path / "d"))
        assert said.code == BAD_INPUT
        assert "holds no published dataset to append to; use --mode create" in said.line


def numbers_before(unit: str, line: str) -> list[str]:
    return [part.split("about ")[-1].split("has ")[-1].split("(")[-1] for part in line.split(unit)[:3]]


WITHOUT_PYSAIL = """
import sys
sys.modules["pysail"] = sys.modules["pysail.spark"] = None
from generation.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


class TestEngine:
    def test_that_is_not_installed_is_named_with_its_extra(self, tmp_path: Path) -> None:
        done = idgraph_without_pysail("generate", "--households", "5", "--output", str(tmp_path / "d"))
        assert (done.code, done.out) == (BAD_INPUT, "")
        assert done.line.endswith("pysail is not installed; run pip install 'idgraph-generator[embedded]'")
        assert not (tmp_path / "d" / "manifest.json").exists()

    def test_that_does_not_answer_is_named_with_its_address(self, terminal: Terminal, tmp_path: Path) -> None:
        said = terminal("generate", "--households", "5", "--engine", "sc://127.0.0.1:1", "--output", str(tmp_path))
        assert said.code == BAD_INPUT
        assert "no Spark Connect server answers at 127.0.0.1:1" in said.line
        assert "check host and port" in said.line
        assert not (tmp_path / "manifest.json").exists()

    def test_that_needs_java_says_so(self, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.delenv("JAVA_HOME", raising=False)
        said = terminal("generate", "--households", "5", "--engine", "local[2]", "--output", str(tmp_path))
        assert said.code == BAD_INPUT
        assert said.line.startswith("engine local: no Java found; install Java 17")
        assert not (tmp_path / "manifest.json").exists()


def idgraph_without_pysail(*arguments: str) -> Said:
    run = [sys.executable, "-c", WITHOUT_PYSAIL, *arguments]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60)
    return Said(done.returncode, done.stdout, done.stderr)


class TestUnexpectedErrors:
    def test_are_one_line_that_names_debug(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(configuration, "forecast", lambda *asked: 1 / 0)
        said = terminal("estimate")
        assert said.code == FAILURE
        assert said.line == "ZeroDivisionError: division by zero; run again with --debug for details"

    def test_show_their_traceback_with_debug(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(configuration, "forecast", lambda *asked: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            terminal("estimate", "--debug")

    def test_an_interruption_ends_with_130_and_says_how_to_go_on(
        self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*asked: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(configuration, "forecast", interrupted)
        said = terminal("estimate")
        assert (said.code, said.line) == (130, "stopped; the same command takes up where it left")


class TestDamage:
    @pytest.fixture
    def copy(self, good_dataset: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(good_dataset, tmp_path / "copy"))

    def test_a_missing_manifest_fails_verify_in_one_line(self, terminal: Terminal, copy: Path) -> None:
        (copy / "manifest.json").unlink()
        said = terminal("verify", str(copy))
        assert (said.code, said.line) == (UNJUDGED, f"{copy} has no manifest.json; generate it first")

    def test_a_missing_file_fails_every_reader_in_one_line(self, terminal: Terminal, copy: Path) -> None:
        next((copy / "devices").rglob("*.parquet")).unlink()
        for reader in ("verify", "fingerprint"):
            said = terminal(reader, str(copy))
            assert said.code == UNJUDGED
            assert said.line.startswith("table devices: file ")

    def test_a_no_op_notices_a_missing_file(self, copy: Path) -> None:
        next((copy / "devices").rglob("*.parquet")).unlink()
        said = in_a_process("generate", "--preset", "small", "--households", "200", "--output", str(copy))
        assert said.code == UNJUDGED
        assert said.line.startswith("table devices: file ")
