"""What a supervisor may expect of every backend."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time

import pytest

from generation.spec.run_directory import write_json
from tests.webapp.backends.places import Place, content, units, until_progress, watched
from webapp.backends.base import Missing, Order, Product


def test_a_prepared_configuration_names_its_target_and_stays_prepared(place: Place) -> None:
    config = place.config("one")
    assert place.backend.target(config) and place.backend.prepared(config) == config


def test_datasets_of_different_names_have_different_targets(place: Place) -> None:
    one, same, other = (place.backend.target(place.config(name)) for name in ("one", "one", "other"))
    assert one == same != other


def test_an_order_that_can_run_has_no_problems(place: Place) -> None:
    assert place.backend.problems(place.config("fresh")) == []


def test_finished_work_has_a_product_whose_hash_is_that_of_its_published_manifest(
    place: Place, published: tuple[Order, Product]
) -> None:
    order, product = published
    data = place.manifest(order).read_bytes()
    assert product.manifest_hash == hashlib.sha256(data).hexdigest() and product.manifest == json.loads(data)
    assert product.certificate["ok"] is True
    assert product.manifest["tables"] and all(table["fingerprint"] for table in product.manifest["tables"].values())


def test_a_published_product_is_still_known_after_its_publication(
    place: Place, published: tuple[Order, Product]
) -> None:
    order, product = published
    assert place.backend.product(order) == product


def test_publishing_again_changes_nothing(place: Place, published: tuple[Order, Product]) -> None:
    order, product = published
    before = place.manifest(order).read_bytes()
    place.backend.publish(order, product.manifest_hash)
    assert place.manifest(order).read_bytes() == before


def test_another_product_than_was_decided_on_is_not_published(place: Place, published: tuple[Order, Product]) -> None:
    order, _ = published
    before = place.manifest(order).read_bytes()
    with pytest.raises(Missing):
        place.backend.publish(order, "0" * 64)
    assert place.manifest(order).read_bytes() == before


def test_what_was_never_made_is_missing(place: Place) -> None:
    order = place.order("never")
    with pytest.raises(Missing):
        place.backend.product(order)
    with pytest.raises(Missing):
        place.backend.publish(order, "0" * 64)
    assert not place.manifest(order).exists()


def test_who_comes_late_does_not_bring_an_older_dataset_back(place: Place, published: tuple[Order, Product]) -> None:
    """A supervisor that was stopped while publishing goes on after the target got its next dataset."""
    order, product = published
    first = place.manifest(order).read_bytes()
    newer = json.dumps({**product.manifest, "serial": product.manifest["serial"] + 1}).encode()
    place.manifest(order).write_bytes(newer)
    try:
        with pytest.raises(Missing, match="another dataset meanwhile"):
            place.backend.publish(order, product.manifest_hash)
        assert place.manifest(order).read_bytes() == newer
    finally:
        place.manifest(order).write_bytes(first)


def test_readers_find_every_table_while_it_is_there(place: Place, published: tuple[Order, Product]) -> None:
    order, product = published
    target = place.backend.target(place.config("whole"))
    places = place.backend.locations(target, product.manifest)
    assert set(places) == set(product.manifest["tables"])
    hidden = place.manifest(order).rename(place.folder / "hidden")
    try:
        with pytest.raises(Missing):
            place.backend.locations(target, product.manifest)
    finally:
        hidden.rename(place.manifest(order))


def test_work_that_was_stopped_is_taken_up_by_the_next_attempt_with_the_same_result(
    place: Place, published: tuple[Order, Product]
) -> None:
    order = place.order("stopped")
    work = place.backend.start(order)
    json.dumps(dict(work.reference))
    sight = until_progress(work)
    assert sight.progress is not None and sight.progress["attempt"] == 1 and 0 <= sight.progress["fraction"] <= 1
    work.stop()
    work.stop()
    assert work.look().state not in ("finished", "failed")
    kept = units(order)
    time.sleep(0.3)
    assert kept and units(order) == kept, "the stopped work went on"
    again = dataclasses.replace(order, attempt=2)
    assert watched(place.backend.start(again)).state == "finished"
    assert {name: when for name, when in units(order).items() if name in kept} == kept, "finished work was done again"
    assert content(place.backend.product(again)) == content(published[1])
    assert not place.manifest(order).exists(), "nobody has published it"


def test_work_that_is_killed_is_lost_and_may_be_tried_again(place: Place) -> None:
    work = place.backend.start(place.order("killed"))
    place.kill(work)
    sight = watched(work)
    assert sight.state == "lost" and (sight.fault is None or sight.fault.may_pass)
    work.stop()


def test_work_that_cannot_succeed_fails_with_its_reason_and_the_remedy(place: Place) -> None:
    order = place.order("bad")
    place.occupy(order)
    sight = watched(place.backend.start(order))
    assert sight.state == "failed", sight
    assert sight.fault is not None and not sight.fault.may_pass
    assert sight.fault.code.isidentifier() and "choose" in sight.fault.message
    with pytest.raises(Missing):
        place.backend.product(order)


def test_work_that_cannot_write_is_lost_and_says_so(place: Place) -> None:
    order = place.order("unwritable")
    order.folder.mkdir(parents=True)
    (order.folder / "units").write_text("a file where a folder has to be")
    sight = watched(place.backend.start(order))
    assert sight.state in ("failed", "lost") and sight.fault is not None and sight.fault.message


def test_a_manifest_that_was_damaged_is_not_published(place: Place, published: tuple[Order, Product]) -> None:
    order, product = published
    copy = dataclasses.replace(order, job_id="copy", folder=place.run_directory("copy"))
    write_json(copy.folder / "manifest.pending.json", {**product.manifest, "serial": 7})
    write_json(copy.folder / "certificate.json", dict(product.certificate))
    with pytest.raises(Missing):
        place.backend.publish(copy, product.manifest_hash)
