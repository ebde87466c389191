"""Makes people in Python with a library and prints what it took: `rows.py mimesis|faker ROWS`."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def by_mimesis(count: int) -> list[dict[str, Any]]:
    """The columns of a person by Mimesis' field providers."""
    from mimesis import Generic
    from mimesis.locales import Locale

    make = Generic(locale=Locale.EN, seed=42)
    return [
        {
            "id": number,
            "first_name": make.person.first_name(),
            "last_name": make.person.last_name(),
            "birth_date": make.datetime.date(start=1930, end=2015),
            "email": make.person.email(),
            "phone": make.person.phone_number(),
            "city": make.address.city(),
            "state": make.address.state(),
            "postal_code": make.address.postal_code(),
        }
        for number in range(count)
    ]


def by_faker(count: int) -> list[dict[str, Any]]:
    """The columns of a person by Faker's providers."""
    from faker import Faker

    Faker.seed(42)
    make = Faker("en_US")
    return [
        {
            "id": number,
            "first_name": make.first_name(),
            "last_name": make.last_name(),
            "birth_date": make.date_of_birth(),
            "email": make.email(),
            "phone": make.phone_number(),
            "city": make.city(),
            "state": make.state_abbr(),
            "postal_code": make.postcode(),
        }
        for number in range(count)
    ]


if __name__ == "__main__":
    begun = time.perf_counter()
    rows = {"mimesis": by_mimesis, "faker": by_faker}[sys.argv[1]](int(sys.argv[2]))
    seconds = time.perf_counter() - begun
    print(json.dumps({"rows": len(rows), "values": sum(map(len, rows)), "seconds": seconds}))
