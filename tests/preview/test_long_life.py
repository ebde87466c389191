"""What is given up and begun anew during a long life changes no row."""

from __future__ import annotations

import json
import subprocess
import sys

from generation.preview.recent import Recent
from tests.builders import ROOT

FORGETFUL = """
import json, sys
from generation.engine.session import session
from generation.preview import Asked, Previews, samples, workshop
from generation.spec.config import Config

samples.WORKSHOPS_KEPT, samples.SAMPLES_KEPT, workshop.LOOKUPS_KEPT, samples.BATCHES_A_SESSION = json.load(sys.stdin)
tables = ("identity_mappings", "audience_attributes", "response_events")
sessions, answers = [], []

def counted():
    sessions.append(1)
    return session("embedded")

with Previews(counted) as previews:
    for seed in (1, 2, 1):
        found = previews.samples(Asked(Config.model_validate({"output": {"seed": seed}}), tables, 5))
        answers.append({name: sample.rows for name, sample in found.items()})
        previews.tidy()
json.dump({"sessions": len(sessions), "answers": answers}, sys.stdout, default=str)
"""


def life(*limits: int) -> dict[str, object]:
    """What a process of its own answers, with small limits."""
    done = subprocess.run([sys.executable, "-c", FORGETFUL], input=json.dumps(limits), capture_output=True, text=True,
                          cwd=ROOT, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


def test_a_forgetful_server_says_the_same_as_one_that_forgets_nothing() -> None:
    forgetful, other = life(0, 0, 0, 1), life(9, 9, 999, 999)
    assert (forgetful["sessions"], other["sessions"]) == (4, 1)
    assert forgetful["answers"] == other["answers"]
    first, second, again = forgetful["answers"]  # type: ignore[misc]
    assert first == again != second


def test_what_was_used_last_is_kept() -> None:
    recent = Recent[str, int](2)
    for name, value in (("a", 1), ("b", 2), ("c", 3)):
        recent.put(name, value)
    assert recent.get("a") == 1
    assert recent.surplus() == [2]
    assert (recent.get("a"), recent.get("b"), recent.get("c"), recent.surplus()) == (1, None, 3, [])
    assert (recent.drop("a"), recent.drop("a")) == (1, None)
