# The samples of toolbox_eventlet.py and toolbox_gevent.py: programs/toolbox_time.cjs in Python.
import gc
import json
import sys
import time

SAMPLE = 200_000_000

ITEMS = 100_000
PARTIES = 100
TURNS = 1000
WAITERS = 10_000
BROADCASTS = 10
PLACES = 1000
JOBS = 100_000
GENERATIONS = 100
LEAVES = 10_000

now = time.process_time_ns


def scaled(number, scale):
    return max(1, round(number * scale))


def check_sum(total, generations):
    everything = generations * LEAVES
    if total != everything * (everything - 1) // 2:
        raise AssertionError("skynet: %d of %d leaves" % (total, everything))


def main(name, benchmarks):
    """Each benchmark does a pass, smaller by its argument, and returns (nanoseconds, operations)."""
    scale = float(sys.argv[1])
    samples = {}
    for title, one_pass in benchmarks.items():
        one_pass(scale / 10)
        elapsed = operations = 0
        gc.collect()
        while elapsed < SAMPLE:
            nanoseconds, count = one_pass(scale)
            elapsed += nanoseconds
            operations += count
        samples[title] = elapsed / operations
    print(json.dumps({name: samples}))
