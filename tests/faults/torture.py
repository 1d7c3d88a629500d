"""`make torture`: every fault many times over, and one table.

    python -m tests.faults.torture [--seed N] [--only kills,cuts] [--tries N] [--small] [--keep FOLDER]

Without a seed one is chosen, and printed: it repeats a run as far as processes allow, for what the harness
does follows from it, and when the machine does its part does not. What a failed fault leaves is kept: its
seed, the history, the complaints, the data, the server's log. Exit code 1 if any promise was not kept.
"""

import argparse
import secrets
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests import stores
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.table import Result, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what is asked for, print the table, and give the exit code."""
    options = _options(arguments)
    print(f"seed {options.seed}", flush=True)
    results = []
    for fault in options.only:
        if why := fault.missing():
            print(f"{fault.name}: not tried, {why}", flush=True)
            continue
        tries = options.tries or (fault.small if options.small else fault.full)
        results.append(
            _attempt(fault, options.keep.absolute() / f"{options.seed}-{fault.name}", options.seed, tries)
        )
    stores.stop()
    print("\n" + table(results))
    return int(not all(result.kept and not result.slow for result in results))


def _attempt(fault: Fault, folder: Path, seed: int, tries: int) -> Result:
    """Try one fault, say how it went, and keep what it left if it did not go well."""
    shutil.rmtree(folder, ignore_errors=True)
    begun = time.monotonic()
    try:
        result = fault.attempt(folder, seed, tries)
    except Exception as error:  # noqa: BLE001  a fault that can't be tried to its end is a failure of its row
        result = Result(fault.about, tries, 0, broken=[repr(error)])
    verdict = "NOT KEPT" if not result.kept else "kept, TOO SLOWLY" if result.slow else "kept"
    print(f"{fault.name}: {verdict}, {time.monotonic() - begun:.0f} s", flush=True)
    if not result.complaints():
        shutil.rmtree(folder)
        return result
    for complaint in result.complaints()[:10]:
        print(f"  {complaint}")
    print(f"  kept in {folder}; again: make torture ARGS='--seed {seed} --only {fault.name} --tries {tries}'")
    return result


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="torture", description="Try every fault, many times over.")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="repeats a run")
    names = ", ".join(fault.name for fault in FAULTS)
    parser.add_argument("--only", type=_faults, default=FAULTS, metavar="NAMES", help=f"some of: {names}")
    parser.add_argument("--tries", type=int, help="so many of each, instead of its own number")
    parser.add_argument("--small", action="store_true", help="as few of each as make test-all does")
    parser.add_argument(
        "--keep", type=Path, default=Path(".build/torture"), help="where failures are kept (%(default)s)"
    )
    return parser.parse_args(arguments)


def _faults(names: str) -> list[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    unknown = sorted(set(names.split(",")) - set(known))
    if unknown:
        raise argparse.ArgumentTypeError(f"no fault {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names.split(",")]


if __name__ == "__main__":
    sys.exit(main())
