"""The configuration as a form: its settings as fields, its values as text, and what people typed as values again."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

import annotated_types as at
from pydantic.fields import FieldInfo

from generation.spec.config import Config
from generation.spec.docs import bounds, unit
from generation.spec.labels import label_of
from generation.spec.nested import ABSENT, Path, value_at, with_value
from generation.spec.problems import PATTERNS, shown
from generation.spec.settings import Leaf, leaves, section_of
from generation.spec.values import Section

Kind = Literal["whole", "real", "share", "text", "choice", "choices", "shares", "list_of_shares", "date", "flag"]

MOST_PAIRS = 1_000
IN_FILES_ONLY: Final = ("households.state_shares",)
"""Settings without a field: more inputs than anybody fills in; a configuration file has them."""

LONGEST_NAME = 200
LONGEST_NUMBER = 100
"""Characters; longer text is nobody's number."""


# Fields


@dataclass(frozen=True)
class Option:
    """One of a closed set, and what it is called."""

    value: str
    label: str


@dataclass(frozen=True)
class FormField:
    """A setting as a form shows it.

    `shares` and `list_of_shares` have an input for each option, named by the setting and the option. `choices` is a
    group of inputs with one name; an empty one among them says that the group is there when nothing is chosen, and so
    does one beside a `flag`.
    """

    name: str
    label: str
    help: str
    kind: Kind
    default: Any
    unit: str = ""
    bounds: str = ""
    minimum: int | float | dt.date | None = None
    maximum: int | float | dt.date | None = None
    optional: bool = False
    options: tuple[Option, ...] = ()
    group: str = ""

    @property
    def in_percent(self) -> bool:
        """Whether its inputs show and take per cent: 12.5 and 12.5 % are an eighth."""
        return self.kind in ("share", "shares", "list_of_shares") or self.unit == "ratio"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs."""
        if self.kind in ("shares", "list_of_shares"):
            return tuple(f"{self.name}.{option.value}" for option in self.options)
        return (self.name,)


@cache
def fields(section: str) -> tuple[FormField, ...]:
    """Every setting of a section and of those in it, in order; `KeyError` for a section there is not."""
    kind = section_of(Config.model_fields[section])
    shown = [leaf for leaf in leaves(kind, section) if leaf.name not in IN_FILES_ONLY] if kind else []
    return tuple(map(_form_field, shown))


def _form_field(leaf: Leaf) -> FormField:
    kind, field = kind_of(leaf.field), leaf.field
    low, high = _limits(field)
    above = leaf.name.rpartition(".")[0]
    return FormField(
        name=leaf.name,
        label=label_of(leaf.name),
        help=field.description or "",
        kind=kind,
        default=field.default,
        unit=unit(field),
        bounds=_asked(leaf, kind),
        minimum=low,
        maximum=high,
        optional=_is_optional(field),
        options=tuple(Option(name, label_of(f"{leaf.name}.{name}")) for name in _options(leaf, kind)),
        group=label_of(above) if "." in above else "",
    )


def _asked(leaf: Leaf, kind: Kind) -> str:
    """What a value must satisfy, in words; a choice shows it by itself."""
    return PATTERNS.get(leaf.name) or ("" if kind == "choice" else bounds(leaf.field))


def _options(leaf: Leaf, kind: Kind) -> tuple[str, ...]:
    return tuple(map(str, range(len(leaf.field.default)))) if kind == "list_of_shares" else leaf.names


def kind_of(field: FieldInfo) -> Kind:
    """How a setting is typed in; `TypeError` for a type that no form knows."""
    plain, origin = _plain(field.annotation), get_origin(_plain(field.annotation))
    if origin is Literal:
        return "choice"
    if origin is dict:
        return "shares"
    if origin is tuple:
        return "choices" if _plain(get_args(plain)[0]) is str else "list_of_shares"
    if plain is float and _limits(field) == (0, 1):
        return "share"
    if plain not in _KINDS:
        raise TypeError(f"no form field takes {plain}")
    return _KINDS[plain]


_KINDS: Final[dict[Any, Kind]] = {bool: "flag", int: "whole", float: "real", str: "text", dt.date: "date"}


def _plain(annotation: Any) -> Any:
    """A type without its marks and without None."""
    if hasattr(annotation, "__metadata__"):
        return _plain(annotation.__origin__)
    others = [kind for kind in get_args(annotation) if kind is not NoneType]
    return _plain(others[0]) if NoneType in get_args(annotation) and len(others) == 1 else annotation


def _is_optional(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def _limits(field: FieldInfo) -> tuple[Any, Any]:
    """The smallest and largest value, of a mapping or list those of its items."""
    low = high = None
    for mark in _marks(field.annotation, field.metadata):
        low = getattr(mark, "ge", getattr(mark, "gt", low))
        high = getattr(mark, "le", getattr(mark, "lt", high))
    return low, high


def _marks(annotation: Any, metadata: Iterable[Any]) -> Iterator[Any]:
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from _marks(None, mark.metadata)
        elif isinstance(mark, (at.Ge, at.Gt, at.Le, at.Lt)):
            yield mark
    if hasattr(annotation, "__metadata__"):
        yield from _marks(annotation.__origin__, annotation.__metadata__)
    elif get_origin(annotation) is not Literal:
        for argument in get_args(annotation):
            yield from _marks(argument, ())


# Values as text


def flattened(values: Config | Mapping[str, Any]) -> dict[str, str]:
    """The settings of a configuration, or of plain values whether right or wrong, as the text of their inputs."""
    plain = values.model_dump() if isinstance(values, Config) else values
    texts: dict[str, str] = {}
    for field in (field for section in Config.model_fields for field in fields(section)):
        value = value_at(plain, _path(field.name))
        if value is not ABSENT:
            texts |= _texts(field, value)
    return texts


def _texts(field: FormField, value: Any) -> dict[str, str]:
    text = percent_of if field.in_percent else text_of
    if isinstance(value, Mapping):
        return {f"{field.name}.{key}": text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and field.kind == "list_of_shares":
        return {f"{field.name}.{index}": text(item) for index, item in enumerate(value)}
    return {field.name: text_of(value) if field.options else text(value)}


def percent_of(value: Any) -> str:
    """A fraction in per cent, without the tail of binary fractions: 0.0725 is 7.25."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return text_of(value)
    return _decimal(Decimal(repr(value)) * 100)


def text_of(value: Any) -> str:
    """A value as people write it: 45, 0.00001, 2026-01-01; a list with commas; nothing for None."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return _decimal(Decimal(repr(value))) if math.isfinite(value) else repr(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(item if isinstance(item, str) else shown(item) for item in value)
    return shown(value).replace(",", "") if isinstance(value, int) else shown(value)


def _decimal(value: Decimal) -> str:
    """A number without exponent and without needless zeros, unless that is long."""
    text = f"{value:f}"
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return short if len(short) <= 25 else f"{value:e}"


# Text as values


def values_from_form(pairs: Iterable[tuple[str, str]], section: str) -> dict[str, Any]:
    """What was typed into a section's inputs as plain values below the section's name, for `merged` and `validated`.

    What no number can be read from stays text, so that its refusal shows it as it was typed. Other sections' inputs
    are left out, unknown ones of this section stay, to be refused by name. Nothing is raised, whatever was sent.
    """
    typed: dict[str, list[str]] = {}
    for name, text in islice(pairs, MOST_PAIRS):
        if name.startswith(f"{section}.") and len(name) <= LONGEST_NAME:
            typed.setdefault(name, []).append(text)
    values: dict[str, Any] = {}
    for field in fields(section):
        value = _READERS[field.kind](field, typed)
        values = values if value is ABSENT else with_value(values, _path(field.name), value)
    known = {name for field in fields(section) for name in _names(field, typed)}
    for name in [name for name in typed if name not in known]:
        above, key = _nearest_section(name)
        values = with_value(values, (*above, key), typed[name][-1]) if key else values
    return values


Typed = Mapping[str, list[str]]


def _names(field: FormField, typed: Typed) -> list[str]:
    """The names sent that belong to a field."""
    if field.kind == "shares":
        return [field.name, *(name for name in typed if name.startswith(f"{field.name}."))]
    if field.kind == "list_of_shares":
        return [field.name, *(name for name in typed if re.fullmatch(rf"{re.escape(field.name)}\.[0-9]{{1,2}}", name))]
    return [field.name]


def _one(field: FormField, typed: Typed) -> Any:
    """The value of a field with one input; the last one counts where several were sent."""
    if field.name not in typed:
        return ABSENT
    text = typed[field.name][-1].strip()
    return None if field.optional and not text else _value(field, text)


def _value(field: FormField, text: str) -> Any:
    if field.kind == "whole":
        return whole_of(text)
    if field.kind == "flag":
        return _FLAGS.get(text.casefold(), text)
    if field.in_percent:
        return fraction_of(text)
    return number_of(text) if field.kind == "real" else text


_FLAGS: Final = {
    **dict.fromkeys(("on", "true", "yes", "1"), True),
    **dict.fromkeys(("", "off", "false", "no", "0"), False),
}


def _several(field: FormField, typed: Typed) -> Any:
    """All that was chosen, each once; also as one text with commas or spaces."""
    if field.name not in typed:
        return ABSENT
    return tuple(dict.fromkeys(part for text in typed[field.name] for part in re.split(r"[\s,;]+", text) if part))


def _named_shares(field: FormField, typed: Typed) -> Any:
    names = _names(field, typed)[1:]
    shares = {name[len(field.name) + 1 :]: fraction_of(typed[name][-1].strip()) for name in names}
    return shares or ABSENT


def _numbered_shares(field: FormField, typed: Typed) -> Any:
    names = sorted(_names(field, typed)[1:], key=lambda name: int(name.rpartition(".")[2]))
    return tuple(fraction_of(typed[name][-1].strip()) for name in names) or ABSENT


_READERS: Final[dict[Kind, Callable[[FormField, Typed], Any]]] = {
    **dict.fromkeys(("whole", "real", "share", "text", "choice", "date", "flag"), _one),
    "choices": _several,
    "shares": _named_shares,
    "list_of_shares": _numbered_shares,
}


def _path(name: str) -> Path:
    return tuple(name.split("."))


def _nearest_section(name: str) -> tuple[Path, str]:
    """The sections that a name leads through, and the rest of it, which is the name of no setting."""
    section: type[Section] | None = Config
    parts = name.split(".")
    for depth, part in enumerate(parts):
        field = section.model_fields.get(part) if section else None
        section = section_of(field) if field else None
        if section is None:
            return tuple(parts[:depth]), ".".join(parts[depth:])
    return tuple(parts), ""


# Numbers as people write them

_GROUPED = r"(?:[0-9]{1,3}(?:(?P<mark>[,_'\u2019 \u00a0\u202f])[0-9]{3})(?:(?P=mark)[0-9]{3})*|[0-9]+)"
_NUMBER = re.compile(rf"[-+]?(?:{_GROUPED}(?P<fraction>\.[0-9]*)?|\.[0-9]+)(?P<power>[eE][-+]?[0-9]{{1,3}})?")
_MARKS = re.compile(r"[,_'\u2019 \u00a0\u202f]")


def number_of(text: str) -> float | str:
    """The number that was typed."""
    return _finite(_parsed(text), text)


def fraction_of(text: str) -> float | str:
    """The fraction that was typed in per cent, with or without the sign: 7.25 is 0.0725."""
    parsed = _parsed(text.removesuffix("%").rstrip())
    return _finite(None if parsed is None else parsed.scaleb(-2), text)


def _finite(parsed: Decimal | None, text: str) -> float | str:
    number = math.inf if parsed is None else float(parsed)
    return number if math.isfinite(number) else text


def whole_of(text: str) -> int | str:
    """The whole number that was typed; 1.000 stays text, since it is one to some and a thousand to others."""
    number = _parsed(text)
    if number is None or number != number.to_integral_value() or re.fullmatch(r"[^.]*\.[0-9]{3}", text):
        return text
    return int(number)


def _parsed(text: str) -> Decimal | None:
    plain = text.replace("\u2212", "-")
    if len(plain) > LONGEST_NUMBER or not _NUMBER.fullmatch(plain):
        return None
    return Decimal(_MARKS.sub("", plain))
