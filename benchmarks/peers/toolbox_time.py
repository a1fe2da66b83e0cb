# The samples of toolbox_eventlet.py and toolbox_gevent.py: programs/toolbox_time.cjs in Python.
import gc
import json
import sys
import time

ITEMS = 100_000
PARTIES = 100
TURNS = 1000
WAITERS = 10_000
BROADCASTS = 10
PLACES = 1000
JOBS = 100_000
LEAVES = 1_000_000

now = time.process_time_ns


def scaled(number, scale):
    return max(1, round(number * scale))


def check_sum(total, everything):
    if total != everything * (everything - 1) // 2:
        raise AssertionError("skynet: %d of %d leaves" % (total, everything))


def main(benchmarks, skynet):
    """Each benchmark does a pass, smaller by its argument, and returns (nanoseconds, operations)."""
    scale, milliseconds = float(sys.argv[1]), int(sys.argv[2])
    samples = {}
    for title in sys.argv[3:]:
        one_pass = skynet(int(title[7:])) if title.startswith("skynet ") else benchmarks[title]
        one_pass(scale / 10)
        elapsed = operations = 0
        gc.collect()
        while elapsed < milliseconds * 1e6:
            nanoseconds, count = one_pass(scale)
            elapsed += nanoseconds
            operations += count
        samples[title] = elapsed / operations
    print(json.dumps(samples))
