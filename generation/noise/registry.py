"""The registry of noise: one function for each kind, in domain words. Each changes every value it is applied to.

A function takes the clean value and a uniform, and gives the noisy value; `possible` says where a kind can happen at all.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from generation.engine.draw import whole

Change = Callable[[Column, Column], Column]

KEYBOARD = dict(zip("qwertyuiopasdfghjklzxcvbnm1234567890", "wertyuioposdfghjklkxcvbnmn2345678990", strict=True))
KEYBOARD |= {"p": "o", "l": "k", "m": "n", "0": "9", "9": "8"}
"""Each key's neighbour on a US keyboard."""

LOOKALIKES = dict(zip("abcdefghijklmnopqrstuvwxyz1234567890", "o6eocf9bljxlnuopqnsfvuvkyzl2356b1890", strict=True))
LOOKALIKES |= {
    "b": "h", "d": "o", "e": "c", "f": "t", "g": "9", "h": "b", "i": "l", "j": "i", "k": "x", "l": "1", "m": "n", "n": "u",
    "o": "0", "p": "q", "q": "9", "r": "n", "s": "5", "t": "f", "u": "v", "v": "u", "w": "v", "x": "k", "y": "v", "z": "2",
    "1": "7", "2": "z", "3": "8", "4": "9", "5": "s", "6": "b", "7": "1", "8": "3", "9": "4", "0": "o", "a": "o", "c": "e",
}  # fmt: skip
"""What text recognition reads instead of a character."""

SOUNDS = (
    ("ph", "f"), ("Ph", "F"), ("ck", "k"), ("ei", "ie"), ("ie", "ei"), ("ee", "ea"), ("ll", "l"), ("tt", "t"), ("nn", "n"),
    ("ss", "s"), ("y", "i"), ("C", "K"), ("c", "k"), ("K", "C"), ("k", "c"), ("z", "s"), ("s", "z"), ("i", "y"),
)  # fmt: skip
"""Spellings that sound alike: the first that a name has is changed."""

NICKNAMES = {
    "Alexander": "Alex", "Andrew": "Drew", "Anthony": "Tony", "Benjamin": "Ben", "Charles": "Chuck", "Christopher": "Chris",
    "Daniel": "Dan", "David": "Dave", "Donald": "Don", "Edward": "Ed", "Frank": "Frankie", "George": "Georgie",
    "Gerald": "Jerry", "Gregory": "Greg", "Jacob": "Jake", "James": "Jim", "Jeffrey": "Jeff", "John": "Jack",
    "Jonathan": "Jon", "Joseph": "Joe", "Joshua": "Josh", "Kenneth": "Ken", "Lawrence": "Larry", "Matthew": "Matt",
    "Michael": "Mike", "Nicholas": "Nick", "Patrick": "Pat", "Peter": "Pete", "Raymond": "Ray", "Richard": "Rick",
    "Robert": "Bob", "Ronald": "Ron", "Samuel": "Sam", "Stephen": "Steve", "Steven": "Steve", "Thomas": "Tom",
    "Timothy": "Tim", "Walter": "Walt", "William": "Bill", "Zachary": "Zach", "Abigail": "Abby", "Amanda": "Mandy",
    "Barbara": "Barb", "Catherine": "Cathy", "Christina": "Tina", "Christine": "Chris", "Deborah": "Debbie",
    "Dorothy": "Dot", "Elizabeth": "Liz", "Jacqueline": "Jackie", "Janet": "Jan", "Jennifer": "Jen", "Jessica": "Jess",
    "Judith": "Judy", "Katherine": "Kate", "Kathleen": "Kathy", "Kimberly": "Kim", "Linda": "Lin", "Margaret": "Peggy",
    "Martha": "Marty", "Mary": "Molly", "Nancy": "Nan", "Pamela": "Pam", "Patricia": "Pat", "Rebecca": "Becky",
    "Samantha": "Sam", "Sandra": "Sandy", "Sarah": "Sally", "Stephanie": "Steph", "Susan": "Sue", "Teresa": "Terri",
    "Theresa": "Terri", "Victoria": "Vicky", "Virginia": "Ginny",
}  # fmt: skip
"""What people of a given name are called."""


def _pick(value: Column, u: Column) -> Column:
    """A position in the text; the first one where it holds neither letter nor digit, which no text begins without."""
    place = _place(value, u)
    return F.when(_letter(value, place).rlike("[A-Za-z0-9]"), place).otherwise(F.lit(1))


def _place(value: Column, u: Column) -> Column:
    return (whole(u * F.length(value)) + 1).cast("int")


def _letter(value: Column, place: Column) -> Column:
    """The character at a place. Engines write a part's start several times into their plans, and cut ends off once."""
    return F.right(F.left(value, place), F.lit(1))


def _replaced(value: Column, place: Column, by: Column) -> Column:
    return F.overlay(value, by, place, F.lit(1))


def _translated(table: dict[str, str]) -> Change:
    """Replaces one character by the table's, in the case it had."""
    lower, upper = "".join(table), "".join(table.values())
    small = [key for key in table if key.isalpha()]
    source, target = lower + "".join(small).upper(), upper + "".join(table[key] for key in small).upper()

    def change(value: Column, u: Column) -> Column:
        place = _pick(value, u)
        return _replaced(value, place, F.translate(_letter(value, place), source, target))

    return change


def drop_letter(value: Column, u: Column) -> Column:
    """One character is left out."""
    return _replaced(value, _place(value, u), F.lit(""))


def spell_by_sound(value: Column, u: Column) -> Column:
    """The first spelling that has a homophone gets it."""
    changed = F.when(F.lit(False), value)
    for found, spelt in SOUNDS:
        changed = changed.when(value.contains(found), F.regexp_replace(value, found, spelt))
    return changed


def mistake_digit(value: Column, u: Column) -> Column:
    """One of the last four digits (three of a ZIP code) is the next one."""
    last = F.when(F.length(value) > 6, 4).otherwise(3)
    place = (F.length(value) - whole(u * last)).cast("int")
    return _replaced(value, place, F.translate(_letter(value, place), "0123456789", "1234567890"))


def mistake_date(value: Column, u: Column) -> Column:
    """A digit of the day or year is off: by one or ten days, or one or ten years."""
    days = F.when(u < 0.25, 1).when(u < 0.5, -1).when(u < 0.65, 10).otherwise(-10)
    years = F.when(u < 0.9, 12).otherwise(-120)
    return F.when(u < 0.8, F.date_add(value, days)).otherwise(F.add_months(value, years))


def swap_day_and_month(value: Column, u: Column) -> Column:
    """Day and month in the other order."""
    parts = (
        F.year(value),
        F.lpad(F.dayofmonth(value).cast("string"), 2, "0"),
        F.lpad(F.month(value).cast("string"), 2, "0"),
    )
    return F.concat_ws("-", parts[0].cast("string"), *parts[1:]).cast("date")


def choose_other_option(value: Column, u: Column) -> Column:
    """The other gender."""
    return F.when(value == "female", "male").otherwise("female")


CHANGES: dict[str, Change] = {
    "keyboard_typo": _translated(KEYBOARD),
    "dropped_letter": drop_letter,
    "ocr_confusion": _translated(LOOKALIKES),
    "phonetic_spelling": spell_by_sound,
    "digit_error": mistake_digit,
    "date_digit": mistake_date,
    "day_month_swapped": swap_day_and_month,
    "wrong_option": choose_other_option,
}
"""Kinds that need the value alone; `missing`, `nickname` and `household_copy` bring their own value."""


def possible(kind: str, value: Column) -> Column:
    """Whether a kind can change a value that is not null."""
    if kind == "dropped_letter":
        return F.length(value) > 2
    if kind == "phonetic_spelling":
        return value.rlike("|".join(found for found, _ in SOUNDS))
    if kind == "day_month_swapped":
        return (F.dayofmonth(value) <= 12) & (F.dayofmonth(value) != F.month(value))
    return F.lit(True)
