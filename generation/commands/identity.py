"""Who is who: predictions scored, labels to train with, the graph for property-graph databases."""

from __future__ import annotations

import argparse
import json

from generation.property_graph import write_property_graph
from generation.score.labels import write_labels
from generation.score.report import as_json as score_as_json
from generation.score.report import text as score_as_text
from generation.score.scorer import score as scored


def score(options: argparse.Namespace) -> int:
    """Score predictions of who is who."""
    found = scored(options.dataset, options.predictions, options.threshold)
    print(json.dumps(score_as_json(found)) if options.json else score_as_text(found))
    return 0


def labels(options: argparse.Namespace) -> int:
    """Write labelled clusters and pairs."""
    written = write_labels(options.dataset, options.output, options.pairs, options.seed)
    if options.json:
        counts = {"records": written.records, "matches": written.matches, "distinct": written.distinct}
        print(json.dumps({"ok": True, "files": [str(path) for path in written.files], **counts}))
        return 0
    print(f"{written.records:,} records; {written.matches:,} pairs of one person, {written.distinct:,} of two")
    for path in written.files:
        print(path)
    return 0


def graph(options: argparse.Namespace) -> int:
    """Write the identity graph as CSV files."""
    written = write_property_graph(options.dataset, options.output)
    if options.json:
        print(json.dumps({"ok": True, "files": {str(file.path): file.rows for file in written}}))
        return 0
    for file in written:
        print(f"{file.rows:>13,} rows  {file.path}")
    return 0
