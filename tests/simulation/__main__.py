"""Many runs over all processors, or one of them shown and shortened: see `make simulate`."""

import os
import sys
import time
from multiprocessing import Pool

from tests.simulation.run import Verdict, run
from tests.simulation.scenario import scenario
from tests.simulation.shrink import shrunk

DAY = 86400.0


def verdict(seed: int) -> tuple[int, Verdict]:
    """What comes of a seed."""
    return seed, run(scenario(seed))


def simulate(first: int, count: int) -> int:
    """Run seeds until one fails; the exit status."""
    days, requests, done = 0.0, 0, 0
    with Pool() as pool:
        for seed, each in pool.imap(verdict, range(first, first + count), chunksize=5):
            done, days, requests = done + 1, days + each.seconds / DAY, requests + each.requests
            sys.stderr.write(f"\r[{'#' * (40 * done // count):40}] {done}/{count}, {days:.0f} days")
            if each.violations:
                pool.terminate()
                print(f"\nseed {seed}: {each.violations[0]}\nmake simulate SEED={seed} shows it")
                return 1
    print(f"\nseeds {first} to {first + count - 1}: {days:.1f} simulated days, {requests} requests")
    return 0


def replay(seed: int) -> int:
    """Show the shortest run of a seed that fails, or all of it if it does not; the exit status."""
    whole = scenario(seed)
    shown = shrunk(whole, lambda some: bool(run(some).violations)) if run(whole).violations else whole
    print(shown.conditions)
    result = run(shown, lambda at, who, what: print(f"{at:12.3f} {who:8} {what}"))
    for step in shown.steps:
        print(step)
    print("\n".join(result.violations) or "nothing is wrong")
    return int(bool(result.violations))


if __name__ == "__main__":
    if os.environ.get("SEED"):
        sys.exit(replay(int(os.environ["SEED"])))
    sys.exit(simulate(int(os.environ.get("FIRST") or time.time()), int(os.environ.get("SEEDS") or 1000)))
