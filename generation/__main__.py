"""The command line: idgraph (= python -m generation)."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generation import __version__
from generation.commands import configuration, documents, failures, identity, judging, making, previews
from generation.outcome import Busy
from generation.spec.problems import InvalidConfig

BAD_INPUT, FAILURE, UNJUDGED, INTERRUPTED, BUSY = 2, 1, 3, 130, 75


class _Parser(argparse.ArgumentParser):
    """Bad arguments are one line and exit 2."""

    def error(self, message: str) -> Any:
        """One line on stderr."""
        self.exit(BAD_INPUT, f"idgraph: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="idgraph", description="Synthetic identity graph datasets with the answer key.")
    parser.add_argument("--version", action="version", version=f"idgraph {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def command(name: str, handler: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=says, description=says)
        sub.set_defaults(handler=handler)
        sub.add_argument("--debug", action="store_true", help="show tracebacks")
        return sub

    generate = command("generate", making.generate, "make a dataset")
    _add_config(generate)
    generate.add_argument("--output", metavar="PATH", help="folder the Delta tables go to")
    generate.add_argument(
        "--mode", choices=("create", "regenerate", "append"), help="what to do with an existing dataset"
    )
    generate.add_argument(
        "--from-manifest",
        type=Path,
        metavar="MANIFEST",
        help="make the dataset of a manifest again and compare fingerprints",
    )
    preview = command("preview", previews.preview, "show the first rows of a table")
    _add_config(preview)
    preview.add_argument("--table", required=True, help="table to show")
    preview.add_argument("--rows", type=_rows, default=10, help="rows to show (1 to 1000)")
    serve = command("serve-preview", previews.serve_preview, "answer preview requests on a Unix domain socket")
    serve.add_argument("socket", type=Path, metavar="SOCKET", help="path of the socket; a stale one is replaced")
    serve.add_argument("--engine", default="embedded", help="embedded, local[n] or sc://host:port (default: embedded)")
    serve.add_argument("--with-parent", action="store_true", help="end when stdin closes")
    serve.add_argument(
        "--idle-seconds",
        type=_seconds,
        default=900.0,
        metavar="SECONDS",
        help="end after so long without a request (default: 900)",
    )
    estimate = command("estimate", configuration.estimate, "rows, bytes, seconds and memory a configuration takes")
    _add_config(estimate)
    estimate.add_argument(
        "--datasets",
        type=Path,
        default=Path("datasets"),
        metavar="FOLDER",
        help="folder of earlier datasets, whose runs tell how fast this machine is (default: datasets)",
    )
    run = command("run", making.run, "run or resume a run directory")
    run.add_argument("run_dir", type=Path)
    run.add_argument("--job-id")
    run.add_argument(
        "--config-sha256", metavar="HEX", help="refuse any other config.json than the one with this SHA-256"
    )
    run.add_argument("--attempt", type=int)
    run.add_argument(
        "--unpublished", action="store_true", help="leave the judged manifest pending, for a supervisor to publish"
    )
    run.add_argument(
        "--leash",
        type=float,
        metavar="SECONDS",
        help="end when stdin closes, or RUN_DIR/beat has not changed for so long",
    )
    run.add_argument("--json", action="store_true", help="print JSON")
    verify = command("verify", judging.verify, "judge a dataset; exit 1 on any violation, 3 when it cannot be judged")
    verify.add_argument("path", type=Path)
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.add_argument("--targets", action="store_true", help="settings outside their tolerance are violations, too")
    verify.add_argument(
        "--rule", action="append", metavar="NAME", help="apply this rule alone; may be given several times"
    )
    report = command("report", judging.report, "judge a dataset and write report.html and report.json")
    report.add_argument("path", type=Path)
    report.add_argument("--output", type=Path, metavar="FOLDER", help="folder to write to (default: the dataset's)")
    report.add_argument("--json", action="store_true", help="print the report as JSON, too")
    rules = command("rules", judging.rules, "write the rules of a dataset as plain SQL files")
    rules.add_argument("path", type=Path)
    rules.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder to write to")
    realism = command("realism", judging.realism, "compare a dataset with the published world")
    realism.add_argument("path", type=Path)
    realism.add_argument("--output", type=Path, metavar="FILE.md", help="write a page instead")
    realism.add_argument("--json", action="store_true", help="print JSON")
    command("fingerprint", judging.fingerprint, "fingerprints of a dataset's tables, as JSON").add_argument(
        "path", type=Path
    )
    score = command("score", identity.score, "score predictions of who is who against a dataset's answer key")
    score.add_argument(
        "predictions", type=Path, metavar="PREDICTIONS", help="Parquet or CSV: clusters or pairs of records"
    )
    score.add_argument("--dataset", type=Path, required=True, metavar="PATH", help="folder of the dataset")
    score.add_argument("--threshold", type=_share, help="match_probability from which a pair counts")
    score.add_argument("--json", action="store_true", help="print JSON")
    labels = command("labels", identity.labels, "write labelled clusters and pairs for Splink, Zingg and dedupe")
    labels.add_argument("--dataset", type=Path, required=True, metavar="PATH", help="folder of the dataset")
    labels.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder the files go to")
    labels.add_argument("--pairs", type=_pairs, default=10_000, help="labelled pairs at most (default: 10000)")
    labels.add_argument("--seed", type=_seed, default=0, help="which pairs are drawn (default: 0)")
    labels.add_argument("--json", action="store_true", help="print JSON")
    graph = command("graph", identity.graph, "write the identity graph as nodes and relationships, in CSV files")
    graph.add_argument("--dataset", type=Path, required=True, metavar="PATH", help="folder of the dataset")
    graph.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder the files go to")
    graph.add_argument("--json", action="store_true", help="print JSON")
    config = command("config", configuration.config, "print a configuration as commented YAML")
    config.add_argument("--preset", default="starter", help="preset to print")
    command("presets", configuration.presets, "list the presets").add_argument(
        "--json", action="store_true", help="print JSON"
    )
    docs = command("docs", documents.docs, "write the data dictionary, ER diagram and configuration reference")
    docs.add_argument("--output", type=Path, default=Path("docs"), help="folder to write to")
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", nargs="?", metavar="CONFIG.yaml", help="configuration file, YAML or JSON")
    parser.add_argument("--preset", help="preset to start from (default: starter)")
    parser.add_argument("--households", help="number of households")
    parser.add_argument("--seed", help="seed of every random decision")
    parser.add_argument(
        "--set", action="append", default=[], metavar="section.key=value", help="one setting, repeatable"
    )
    parser.add_argument("--engine", help="embedded, local[n] or sc://host:port")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _rows(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 1000, got {text!r}")
    return int(text)


def _pairs(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 2 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be a whole number from 2 to 1000000, got {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, got {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {text!r}")
    return share


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"must be a number of seconds over 0 and up to 86400, got {text!r}")
    return seconds


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code: 0, 1 for failure or violation, 2 for bad input, 3 for a dataset that cannot be
    judged, 75 for a target in use.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.handler(options))
    except InvalidConfig as error:
        _complain(
            options, [dataclasses.asdict(problem) for problem in error.problems], [p.message for p in error.problems]
        )
        return BAD_INPUT
    except BrokenPipeError:
        return FAILURE
    except KeyboardInterrupt:
        print("idgraph: stopped; the same command takes up where it left", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if options.debug:
            raise
        lines = " ".join(str(error).split()) or type(error).__name__
        known = isinstance(error, failures.EXPECTED)
        _complain(
            options,
            [],
            [lines[:400] if known else f"{type(error).__name__}: {lines[:300]}; run again with --debug for details"],
        )
        return _code(error)


def task() -> None:
    """The entry point of a Databricks job. What a task's function returns is not looked at there: it has to raise."""
    code = main()
    if code:
        raise SystemExit(code)


def _code(error: Exception) -> int:
    if isinstance(error, failures.BAD_INPUT):
        return BAD_INPUT
    if isinstance(error, failures.UNJUDGED):
        return UNJUDGED
    return BUSY if isinstance(error, Busy) else FAILURE


def _complain(options: argparse.Namespace, problems: list[dict[str, Any]], lines: list[str]) -> None:
    for line in lines:
        print(f"idgraph: {' '.join(line.split())}", file=sys.stderr)
    if getattr(options, "json", False):
        print(json.dumps({"ok": False, "errors": problems or [{"message": line} for line in lines]}))


if __name__ == "__main__":
    sys.exit(main())
