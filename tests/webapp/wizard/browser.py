"""A browser without scripts: it opens pages, fills in forms as they stand there, presses buttons and follows links."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

EMPTY = frozenset({"input", "br", "hr", "img", "link", "meta", "path", "rect", "circle"})


@dataclass
class Form:
    """A form as a browser would send it."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)


class Reader(HTMLParser):
    """What of a page tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.links: dict[str, str] = {}
        self.ids: list[str] = []
        self.names: list[str] = []
        self.title = ""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self._form = self._select = self._area = self._link = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        self.ids += [given["id"]] if "id" in given else []
        if tag not in EMPTY:
            self._open.append(tag)
        if tag == "form":
            self._form = given.get("id") or given.get("action", "dialog")
            self.forms[self._form] = Form(given.get("action", ""))
        elif tag in ("input", "select", "textarea", "button", "option"):
            self._control(tag, given)
        elif tag == "a":
            self._link = given.get("href", "")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form = self.forms.get(given.get("form", self._form))
        if form is None:
            return
        if tag == "button":
            form.buttons.append(given)
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            form.fields.append((self._select, given["value"]))
        elif tag == "textarea":
            self._area = given["name"]
            form.fields.append((self._area, ""))
        elif tag == "input" and given.get("type") not in ("file",):
            self.names.append(given["name"])
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                form.fields.append((given["name"], given.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "a":
            self._link = ""
        if self._open and tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._area:
            form = self.forms[self._form]
            name, text = form.fields[-1]
            form.fields[-1] = (name, text + (data.removeprefix("\n") if not text else data))
        elif self._open[-1:] == ["title"] and not self.title:
            self.title = data.strip()
        elif self._link and data.strip():
            self.links.setdefault(" ".join(data.split()), self._link)


@dataclass
class Page:
    """An answer, and where it came from."""

    client: FlaskClient
    answer: TestResponse

    def __post_init__(self) -> None:
        self.status = self.answer.status_code
        self.text = self.answer.text
        self.url = self.answer.request.path
        self.read = Reader(self.text)

    @property
    def title(self) -> str:
        return self.read.title.removesuffix(" – Identity Graph Generator").strip()

    def values(self, form: str = "answers") -> dict[str, str]:
        """What the form shows; of names that stand there several times the last one."""
        return dict(self.read.forms[form].fields)

    def chosen(self, name: str, form: str = "answers") -> list[str]:
        """What is ticked of a set of boxes."""
        return [value for one, value in self.read.forms[form].fields if one == name and value]

    def filled(self, changes: dict[str, Any], form: str = "answers") -> list[tuple[str, str]]:
        """The form with other answers; a list ticks other boxes."""
        kept = [(name, value) for name, value in self.read.forms[form].fields if name not in changes]
        for name, value in changes.items():
            kept += [(name, one) for one in value] if isinstance(value, list) else [(name, str(value))]
        return kept

    def send(self, changes: dict[str, Any] | None = None, go: str = "", to: str = "", form: str = "answers") -> Page:
        """Fills in the form, presses the button of that value (the first one without), and follows where it leads."""
        pairs = self.filled(changes or {}, form) + ([("go", go)] if go else [])
        if go:
            assert any(button.get("value") == go for button in self.read.forms[form].buttons), f"no button says {go}"
        return Page(self.client, post(self.client, to or self.read.forms[form].action, pairs))

    def follow(self, link: str) -> Page:
        """Follows a link by its words."""
        return open_page(self.client, self.read.links[link].split("#")[0])


def post(client: FlaskClient, url: str, pairs: list[tuple[str, str]], follow: bool = True, **how: Any) -> TestResponse:
    """Sends pairs as a form does."""
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    return client.post(url, data=data, follow_redirects=follow, **how)


def open_page(client: FlaskClient, url: str) -> Page:
    """The page at an address, after redirects."""
    return Page(client, client.get(url, follow_redirects=True))


def begun(client: FlaskClient, step: str = "households", preset: str = "starter") -> Page:
    """A step of a new draft."""
    answer = client.post("/wizard/new", data={"preset": preset})
    return open_page(client, f"{answer.location.rsplit('/', 1)[0]}/{step}")


def at(page: Page, step: str) -> Page:
    """Another step of the page's draft."""
    return open_page(page.client, f"{page.url.rsplit('/', 1)[0]}/{step}")
