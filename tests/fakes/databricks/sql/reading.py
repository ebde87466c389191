"""A statement as tokens, and a cursor over them; parameters are filled in before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.fakes.databricks.sql.failures import failure, syntax

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*")
      | (?P<quoted>`(?:[^`]|``)*`)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
MARKER = re.compile(r":[A-Za-z_]\w*|\?")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
TokenKind = Literal["string", "quoted", "number", "word", "sign"]


@dataclass(frozen=True)
class Token:
    """A piece of a statement: `value` is what it means, `start` and `end` where it stands."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The text without quotes and escapes."""
        if self.kind == "quoted":
            return self.text[1:-1].replace("``", "`")
        if self.kind != "string":
            return self.text
        mark = self.text[0]
        return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), self.text[1:-1].replace(mark * 2, mark), flags=re.S)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a statement; space and comments are left out."""
    for match in TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], match.start(), match.end())  # type: ignore[arg-type]


@dataclass(frozen=True)
class Parameter:
    """A native parameter: its name (or its place), type and text; None stands for NULL."""

    name: str | None
    type: str
    text: str | None

    def literal(self) -> str:
        """The parameter as SQL."""
        if self.text is None or self.type.upper() == "VOID":
            return "NULL"
        if self.type.upper() in ("INT", "BIGINT", "SMALLINT", "TINYINT", "BOOLEAN"):
            return self.text
        if self.type.upper() == "STRING":
            return literal(self.text)
        return f"CAST({literal(self.text)} AS {self.type})"


def literal(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def bound(text: str, parameters: Sequence[Parameter]) -> str:
    """The statement with its parameters filled in, and with IDENTIFIER('a.b') replaced by the name it stands for."""
    if not parameters:
        return _named(text)
    named = {p.name: p for p in parameters if p.name}
    placed = iter([p for p in parameters if not p.name])
    pieces, last = [], 0
    for token in tokens(text):
        marker = MARKER.match(text, token.start) if token.text in (":", "?") else None
        if marker and marker.start() >= last:
            pieces += [text[last : marker.start()], _parameter(marker[0], named, placed).literal()]
            last = marker.end()
    return _named("".join([*pieces, text[last:]]))


def _named(text: str) -> str:
    return re.sub(r"\bIDENTIFIER\s*\(\s*('(?:[^'\\]|\\.)*')\s*\)", _identifier, text, flags=re.I)


def _identifier(match: re.Match[str]) -> str:
    name = Token("string", match[1], 0, 0).value
    return ".".join(f"`{token.value}`" for token in tokens(name) if token.kind in ("word", "quoted", "number"))


def _parameter(marker: str, named: dict[str | None, Parameter], placed: Iterator[Parameter]) -> Parameter:
    found = next(placed, None) if marker == "?" else named.get(marker[1:])
    if found is None:
        raise failure("UNBOUND_SQL_PARAMETER", f"Found the unbound parameter: {marker.lstrip(':')}.", "42P02")
    return found


class Reader:
    """A cursor over a statement's tokens."""

    def __init__(self, text: str) -> None:
        self.text = text.strip().rstrip(";").rstrip()
        self._tokens = list(tokens(self.text))
        self._at = 0

    def take(self, *words: str) -> bool:
        """Whether these words (or signs) come next; they are passed if so."""
        coming = self._tokens[self._at : self._at + len(words)]
        fits = [t.text.upper() for t in coming if t.kind not in ("string", "quoted")] == list(words)
        self._at += len(words) if fits else 0
        return fits

    def need(self, *words: str) -> None:
        """These words must come next."""
        if not self.take(*words):
            raise self.error()

    def sees(self, *words: str) -> bool:
        """Whether these words come next; nothing is passed."""
        at = self._at
        found = self.take(*words)
        self._at = at
        return found

    def word(self) -> str:
        """The next token as an identifier or keyword."""
        token = self._next()
        if token.kind not in ("word", "quoted", "number"):
            raise syntax(token.text)
        return token.value

    def string(self) -> str:
        """The next token as a string literal."""
        token = self._next()
        if token.kind != "string":
            raise syntax(token.text)
        return token.value

    def name(self) -> list[str]:
        """A name of one or more parts, in lower case."""
        parts = [self.word()]
        while self.take("."):
            parts.append(self.word())
        return [part.lower() for part in parts]

    def names(self) -> list[str]:
        """Identifiers in parentheses, as they are written."""
        self.need("(")
        found = [self.word()]
        while self.take(","):
            found.append(self.word())
        self.need(")")
        return found

    def pairs(self) -> dict[str, str]:
        """Keys and values in parentheses: ('a' = 'b', c.d = 'e')."""
        self.need("(")
        found: dict[str, str] = {}
        while not self.take(")"):
            key = self._key()
            self.take("=")
            found[key] = self._next().value
            self.take(",")
        return found

    def listed(self) -> list[str]:
        """Keys in parentheses: ('a', 'b')."""
        self.need("(")
        found = []
        while not self.take(")"):
            found.append(self._key())
            self.take(",")
        return found

    def _key(self) -> str:
        parts = [self._next().value]
        while self.take("."):
            parts.append(self._next().value)
        return ".".join(parts)

    def number(self) -> int:
        """The next token as a whole number."""
        token = self._next()
        if not token.text.isdigit():
            raise syntax(token.text)
        return int(token.text)

    def skip_parentheses(self) -> str:
        """The text up to the parenthesis that closes the one coming next."""
        self.need("(")
        start, depth = self._tokens[self._at].start if self._at < len(self._tokens) else 0, 1
        while depth:
            token = self._next()
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
        return self.text[start : token.start]

    def done(self) -> bool:
        """Whether all has been read."""
        return self._at >= len(self._tokens)

    def end(self) -> None:
        """Nothing may follow."""
        if not self.done():
            raise self.error()

    def rest(self) -> str:
        """All that has not been read."""
        return "" if self.done() else self.text[self._tokens[self._at].start :]

    def error(self) -> Exception:
        """A syntax error at this place."""
        return syntax("end of input" if self.done() else self._tokens[self._at].text)

    def _next(self) -> Token:
        if self.done():
            raise self.error()
        self._at += 1
        return self._tokens[self._at - 1]


def qualified_names(text: str) -> Iterator[tuple[str, str]]:
    """The three-part names of a statement, each with the word before it: FROM, JOIN, INTO, OVERWRITE, UPDATE, TABLE ..."""
    found = list(tokens(text))
    at = 0
    while at < len(found) - 4:
        window = found[at : at + 5]
        dotted = [t.text for t in window[1::2]] == [".", "."] and all(t.kind in ("word", "quoted") for t in window[::2])
        followed = found[at + 5].text in (".", "(") if at + 5 < len(found) else False
        if dotted and not followed and (at == 0 or found[at - 1].text != "."):
            yield (found[at - 1].text.upper() if at else ""), ".".join(t.value.lower() for t in window[::2])
            at += 5
        else:
            at += 1
