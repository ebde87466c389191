"""`python scripts/bench [PART] ...`: what this machine makes in a second, alone and beside tools of others."""

from __future__ import annotations

import argparse

import clone
import engines
import peers
import previews
import sizes

PARTS = ("sizes", "making", "peers", "engines", "previews", "clone")


def main() -> None:
    """Runs one part, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=(*PARTS, "all"), default="all")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(sizes.SIZES), metavar="HOUSEHOLDS")
    parser.add_argument("--households", type=int, default=200_000, help="of each run beside a peer (200,000)")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each, in turn (5)")
    given = parser.parse_args()
    print(sizes.machine() + "\n")
    made = {
        "sizes": lambda: sizes.table([sizes.measure(count) for count in given.sizes]),
        "making": lambda: sizes.making(given.sizes),
        "peers": lambda: peers.table(peers.compared(given.households, given.pairs)),
        "engines": lambda: engines.table(given.households // 4, max(1, given.pairs // 2)),
        "previews": previews.table,
        "clone": clone.table,
    }
    for part in PARTS if given.part == "all" else (given.part,):
        print(made[part]() + "\n", flush=True)


if __name__ == "__main__":
    main()
