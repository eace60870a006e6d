"""`python -m benchmarks [NAME...] [--quick]`: measure, print a table, keep the figures as JSON."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import (
    backfill,
    backtest,
    engine,
    freshness,
    imports,
    journeys,
    latency,
    page,
    profile,
    recovery,
    report,
    segments,
    selections,
    worker,
)
from benchmarks.report import Figure, Scale

BENCHMARKS: Final[dict[str, Callable[[Scale], list[Figure]]]] = {
    "worker": worker.run,
    "recovery": recovery.run,
    "latency": latency.run,
    "freshness": freshness.run,
    "imports": imports.run,
    "engine": engine.run,
    "segments": segments.run,
    "journeys": journeys.run,
    "page": page.run,
    "profile": profile.run,
    "backtest": backtest.run,
    "backfill": backfill.run,
    "selections": selections.run,
}

FOLDER: Final = Path("var/benchmarks")


def main() -> None:
    """Run the benchmarks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="under a minute each; coarse")
    parser.add_argument("--runs", type=int, help="of each side; 3, or 1 with --quick")
    parser.add_argument("--into", type=Path, default=FOLDER, help=f"for the JSON; {FOLDER}")
    parsed = parser.parse_args()
    unknown = set(parsed.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    scale = Scale(runs=parsed.runs or (1 if parsed.quick else 3), is_quick=parsed.quick)
    for name in parsed.names or BENCHMARKS:
        began_s = time.monotonic()
        figures = BENCHMARKS[name](scale)
        report.show(name, figures, seconds=time.monotonic() - began_s)
        print(f"kept in {report.keep(name, figures, folder=parsed.into)}\n")


if __name__ == "__main__":
    main()
