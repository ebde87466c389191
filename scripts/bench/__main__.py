"""`python scripts/bench [sizes|peers] ...`: what this machine makes in a second, alone and beside tools of others."""

from __future__ import annotations

import argparse

import peers
import sizes


def main() -> None:
    """Runs one part, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=("sizes", "peers", "all"), default="all")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(sizes.SIZES), metavar="HOUSEHOLDS")
    parser.add_argument("--households", type=int, default=200_000, help="of each run beside a peer (200,000)")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each, in turn (5)")
    given = parser.parse_args()
    print(sizes.machine() + "\n")
    if given.part != "peers":
        print(sizes.table([sizes.measure(count) for count in given.sizes]) + "\n")
    if given.part != "sizes":
        print(peers.table(peers.compared(given.households, given.pairs)))


if __name__ == "__main__":
    main()
