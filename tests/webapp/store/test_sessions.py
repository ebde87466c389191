"""Drafts: saved by version, so that nobody overwrites what he has not seen."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy.exc import NoResultFound

from tests.webapp.store.builders import at_once
from webapp.store.models import WizardSession
from webapp.store.sessions import Draft, StaleVersion
from webapp.store.store import Store


def draft(value: object = 1) -> Draft:
    return Draft({"households": {"count": value}}, "one", "households")


@pytest.fixture
def session(store: Store) -> WizardSession:
    return store.sessions.create(str(uuid.uuid4()), "ann", "preset small", draft())


def test_a_new_session_has_version_1_and_is_read_back_equal(store: Store, session: WizardSession) -> None:
    assert (session.version, session.owner, session.origin) == (1, "ann", "preset small")
    assert store.sessions.get(session.id) == session
    assert store.sessions.get("nobody") is None


def test_a_save_is_one_version_on(store: Store, session: WizardSession) -> None:
    saved = store.sessions.save(session.id, 1, draft(2))
    assert (saved.version, saved.config) == (2, {"households": {"count": 2}})
    assert saved.updated_at >= session.updated_at and saved.created_at == session.created_at
    assert store.sessions.get(session.id) == saved


def test_a_save_over_an_old_version_is_refused_and_shows_the_present_one(store: Store, session: WizardSession) -> None:
    saved = store.sessions.save(session.id, 1, draft(2))
    with pytest.raises(StaleVersion) as refused:
        store.sessions.save(session.id, 1, draft(3))
    assert refused.value.current == saved == store.sessions.get(session.id)


def test_a_version_that_is_still_to_come_is_stale_too(store: Store, session: WizardSession) -> None:
    with pytest.raises(StaleVersion):
        store.sessions.save(session.id, 2, draft(3))


def test_saving_what_is_there_already_changes_nothing(store: Store, session: WizardSession) -> None:
    assert store.sessions.save(session.id, 1, draft()) == session


def test_without_a_version_a_save_overwrites(store: Store, session: WizardSession) -> None:
    store.sessions.save(session.id, 1, draft(2))
    assert store.sessions.save(session.id, None, draft(3)).version == 3


def test_of_saves_at_once_one_wins_and_the_others_are_told(store: Store, session: WizardSession) -> None:
    saves = [lambda n=n: store.sessions.save(session.id, 1, draft(100 + n)) for n in range(8)]  # type: ignore[misc]
    results = at_once(saves)
    won = [result for result in results if isinstance(result, WizardSession)]
    assert len(won) == 1 and sum(isinstance(result, StaleVersion) for result in results) == 7
    assert store.sessions.get(session.id) == won[0]


def test_saves_at_once_without_a_version_are_all_counted(store: Store, session: WizardSession) -> None:
    at_once([lambda n=n: store.sessions.save(session.id, None, draft(100 + n)) for n in range(8)])  # type: ignore[misc]
    assert store.sessions.get(session.id).version == 9  # type: ignore[union-attr]


def test_a_draft_may_hold_anything_that_json_can(store: Store, session: WizardSession) -> None:
    odd = {
        "text": "Ü 雪 \\ ' \" \n",
        "number": 1e-300,
        "whole": 2**63,
        "no": None,
        "list": [[], {}, ""],
        "": {"a.b": False},
    }
    saved = store.sessions.save(session.id, 1, Draft(odd, "", "review"))
    assert store.sessions.get(session.id) == saved and saved.config == odd


def test_an_owner_sees_the_latest_first_and_nobody_elses(store: Store, session: WizardSession) -> None:
    later = store.sessions.create(str(uuid.uuid4()), "ann", "file", draft())
    store.sessions.create(str(uuid.uuid4()), "bob", "file", draft())
    store.sessions.save(later.id, 1, draft(2))
    assert [found.id for found in store.sessions.of("ann", 10)] == [later.id, session.id]
    assert len(store.sessions.of("ann", 1)) == 1


def test_a_forgotten_draft_is_gone_and_cannot_be_saved(store: Store, session: WizardSession) -> None:
    assert store.sessions.delete(session.id) and not store.sessions.delete(session.id)
    with pytest.raises(NoResultFound):
        store.sessions.save(session.id, 1, draft(2))
