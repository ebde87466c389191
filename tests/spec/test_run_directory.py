"""The files of a run directory: written whole, and published as what was judged and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generation.spec.run_directory import (
    CLAIM,
    MANIFEST,
    PENDING,
    NotPublishable,
    digest,
    judged_manifest,
    publish,
    write_bytes,
    write_json,
)
from tests.builders import ROOT


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A run directory with a judged manifest, and its target."""
    folder, root = tmp_path / "run", tmp_path / "dataset"
    write_json(folder / PENDING, {"serial": 1})
    write_json(root / CLAIM, {"run_directory": str(folder)})
    return folder, root


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    for text in (b"old" * 1000, b"new"):
        write_bytes(tmp_path / "deep" / "file", text)
        assert (tmp_path / "deep" / "file").read_bytes() == text
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["file"]


WRITE = """
import sys
from pathlib import Path
from generation.spec.run_directory import write_bytes
while True:
    for letter in (b"a", b"b"):
        write_bytes(Path(sys.argv[1]), letter * 200_000)
"""


def test_a_reader_sees_the_old_file_or_the_new_one_also_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"a" * 200_000)
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", WRITE, str(path)], cwd=ROOT) as writer:
            seen = {bytes(set(data)) + str(len(data)).encode() for data in (path.read_bytes() for _ in range(100))}
            while len(seen) < 2:
                seen.add(bytes(set(data := path.read_bytes())) + str(len(data)).encode())
            writer.kill()
        assert seen <= {b"a200000", b"b200000"}
        assert path.read_bytes() in (b"a" * 200_000, b"b" * 200_000)


def test_publishing_makes_the_judged_manifest_the_datasets(folders: tuple[Path, Path]) -> None:
    folder, root = folders
    data = judged_manifest(folder)
    publish(folder, root, digest(data))
    assert (root / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes() == data
    assert not (folder / PENDING).exists() and not (root / CLAIM).exists()


def test_publishing_again_changes_nothing(folders: tuple[Path, Path]) -> None:
    folder, root = folders
    mark = digest(judged_manifest(folder))
    publish(folder, root, mark)
    before = (root / MANIFEST).read_bytes()
    publish(folder, root, mark)
    assert (root / MANIFEST).read_bytes() == before


@pytest.mark.parametrize("done", range(4))
def test_a_publication_that_was_cut_short_anywhere_is_finished_by_the_next(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    folder, root = folders
    data, steps = judged_manifest(folder), iter(range(4))
    replace, unlink = Path.replace, Path.unlink

    def limited(what):  # type: ignore[no-untyped-def]
        def step(self, *arguments, **named):  # type: ignore[no-untyped-def]
            if next(steps, 9) == done:
                raise InterruptedError("the process is killed here")
            return what(self, *arguments, **named)

        return step

    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(Path, "replace", limited(replace))
        patch.setattr(Path, "unlink", limited(unlink))
        publish(folder, root, digest(data))
    assert not (root / MANIFEST).exists() or (root / MANIFEST).read_bytes() == data
    publish(folder, root, digest(data))
    assert (root / MANIFEST).read_bytes() == data and not (root / CLAIM).exists() and not (folder / PENDING).exists()


def test_another_manifest_than_was_judged_is_not_published(folders: tuple[Path, Path]) -> None:
    folder, root = folders
    mark = digest(judged_manifest(folder))
    write_json(folder / PENDING, {"serial": 2})
    with pytest.raises(NotPublishable, match="is not the one that was judged; run it again"):
        publish(folder, root, mark)
    assert not (root / MANIFEST).exists()


def test_a_run_directory_without_a_manifest_has_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(NotPublishable, match="holds no manifest; run it again"):
        judged_manifest(tmp_path)


def test_a_pending_manifest_comes_before_the_one_that_was_published_earlier(folders: tuple[Path, Path]) -> None:
    folder, root = folders
    publish(folder, root, digest(judged_manifest(folder)))
    write_json(folder / PENDING, {"serial": 2})
    assert json.loads(judged_manifest(folder)) == {"serial": 2}


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
