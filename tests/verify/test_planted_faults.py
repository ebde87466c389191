"""The judge finds nothing wrong with a good dataset and names the broken rule of every planted fault."""

from pathlib import Path

import pytest

from generation.spec.config import Config
from generation.verify import verify
from generation.verify.bindings import bindings
from generation.verify.rule import read_rulebook
from tests.verify.faults import FAULTS, GRAPH, MEASURED, RECORDED
from tests.verify.planted import Fault, plant


def named(fault: Fault, faulty: Path) -> bool:
    """Whether the rule that the fault breaks finds it. `scripts/mutation_bench.py` asks all rules about every fault."""
    verdict = verify(faulty, only=[fault.rule])
    return not verdict.ok and {finding.rule for finding in verdict.findings} == {fault.rule}


def test_clean_dataset_has_no_findings(good_dataset: Path) -> None:
    verdict = verify(good_dataset)
    assert verdict.findings == ()
    assert verdict.ok


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule}-{FAULTS.index(fault)}")
def test_planted_fault_is_named(fault: Fault, good_dataset: Path, tmp_path: Path) -> None:
    assert named(fault, plant(fault, good_dataset, tmp_path / "faulty"))


def test_a_measured_dataset_has_no_findings(measured_dataset: Path) -> None:
    assert verify(measured_dataset).findings == ()


@pytest.mark.parametrize("fault", MEASURED, ids=lambda fault: f"{fault.rule}-{MEASURED.index(fault)}")
def test_planted_fault_of_measurement_is_named(fault: Fault, measured_dataset: Path, tmp_path: Path) -> None:
    assert named(fault, plant(fault, measured_dataset, tmp_path / "faulty"))


def test_clean_records_and_a_clean_graph_have_no_findings(identity_dataset: Path) -> None:
    assert verify(identity_dataset).findings == ()


@pytest.mark.parametrize("fault", RECORDED, ids=lambda fault: f"{fault.rule}-{RECORDED.index(fault)}")
def test_planted_fault_of_records_is_named(fault: Fault, identity_dataset: Path, tmp_path: Path) -> None:
    assert named(fault, plant(fault, identity_dataset, tmp_path / "faulty"))


@pytest.mark.parametrize("fault", GRAPH, ids=lambda fault: f"{fault.rule}-{GRAPH.index(fault)}")
def test_planted_fault_of_the_graph_is_named(fault: Fault, identity_dataset: Path, tmp_path: Path) -> None:
    assert named(fault, plant(fault, identity_dataset, tmp_path / "faulty"))


def test_every_written_rule_has_a_planted_fault() -> None:
    written = {rule.name for rule in read_rulebook(bindings(Config())).rules}
    assert written <= {fault.rule for fault in (*FAULTS, *GRAPH, *MEASURED, *RECORDED)}
