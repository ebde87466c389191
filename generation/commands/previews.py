"""Rows of a dataset that is not made: asked for once, or served."""

from __future__ import annotations

import argparse
import json
import sys

from generation.commands.configuration import chosen_config
from generation.engine.session import need_pyspark, session
from generation.outcome import AlreadyServed
from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.problems import InvalidConfig, Problem


def preview(options: argparse.Namespace) -> int:
    """The first rows of a table."""
    if options.table not in TABLE_BY_NAME:
        raise InvalidConfig(
            [
                Problem(
                    "/table",
                    "unknown_table",
                    f"--table {options.table!r} is unknown; there are {', '.join(TABLE_BY_NAME)}",
                )
            ]
        )
    config = chosen_config(options)
    need_pyspark()
    from generation.preview import preview as preview_rows

    with session(config.output.engine) as spark:
        rows = preview_rows(spark, config, options.table, options.rows)
    if options.json:
        print(json.dumps({"table": options.table, "rows": rows}, default=str))
        return 0
    for row in rows:
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    return 0


def serve_preview(options: argparse.Namespace) -> int:
    """Answers preview requests on a socket until nobody needs them."""
    need_pyspark()
    from generation.preview_server import serve_previews

    try:
        serve_previews(options.socket, options.engine, options.idle_seconds, with_parent=options.with_parent)
    except AlreadyServed as error:
        # Whoever wanted a server has one.
        print(f"idgraph: {error}", file=sys.stderr)
    return 0
