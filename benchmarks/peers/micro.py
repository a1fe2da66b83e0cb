# <library> <suite> <arguments of the suite>: what `switch`, `spawn` and `memory` do, on greenlet, eventlet or gevent.
import gc
import json
import sys
import time

now = time.process_time_ns


def measure(cases, count, milliseconds):
    """programs/measure.cjs in Python: each case does its thing n times."""

    def timed(work, n):
        start = now()
        work(n)
        return now() - start

    samples = {}
    for name, work in cases.items():
        n = 64
        while timed(work, n) <= milliseconds * 1e6:
            n *= 2
        samples[name] = [timed(work, n) / n for _ in range(count)]
    return samples


def yields(spawn, sleep, wait_all, switches, *counts):
    """programs/yield_sizes.cjs in Python."""

    def one_pass(threads, times):
        def work():
            sleep(0)  # all have started
            for _ in range(times):
                sleep(0)

        everybody = [spawn(work) for _ in range(threads)]
        sleep(0)  # they come up to their first sleep(0)
        start = now()
        wait_all(everybody)
        return now() - start

    samples = {}
    for threads in counts:
        times = max(1, round(switches / threads))
        one_pass(threads, times)
        passes = 1 if threads > 10_000 else 2
        samples["yield %d" % threads] = [one_pass(threads, times) / (threads * times) for _ in range(passes)]
    return samples


def spawns(spawn, wait, count, milliseconds):
    def trivial():
        return 1

    def one(n):
        for _ in range(n):
            wait(spawn(trivial))

    def hundred(n):
        for _ in range(0, n, 100):
            for thread in [spawn(trivial) for _ in range(100)]:
                wait(thread)

    return measure({"one": one, "hundred": hundred}, count, milliseconds)


def resident_bytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def memory(spawn_waiting, release, counts):
    """What each of so many that wait at once takes."""
    bytes_each = {}
    for count in counts:
        gc.collect()
        before = resident_bytes()
        everybody = spawn_waiting(count)
        gc.collect()
        bytes_each["bytes %d" % count] = (resident_bytes() - before) / count
        release(everybody)
        del everybody
    return bytes_each


def on_greenlet(suite, args):
    from greenlet import getcurrent, greenlet

    def trivial():
        return 1

    def one(n):
        for _ in range(n):
            greenlet(trivial).switch()

    if suite == "spawn":
        return measure({"one": one}, *args)

    parent = getcurrent()

    def endless():
        while True:
            parent.switch()

    child = greenlet(endless)
    child.switch()

    # There and back again: two switches.
    def main(n):
        switch = child.switch
        for _ in range(0, n, 2):
            switch()

    def green(n):
        left = n
        pair = []

        def work():
            nonlocal left
            me = len(pair)
            pair.append(getcurrent())
            parent.switch()
            while True:
                left -= 1
                (pair[1 - me] if left > 0 else parent).switch()

        both = [greenlet(work), greenlet(work)]
        for each in both:
            each.switch()
        pair[0].switch()
        for each in both:
            each.throw()

    return measure({"green": green, "main": main}, *args)


def on_eventlet(suite, args):
    import eventlet
    from eventlet.event import Event

    wait = eventlet.greenthread.GreenThread.wait

    def wait_all(everybody):
        for thread in everybody:
            thread.wait()

    if suite == "switch":
        return yields(eventlet.spawn, eventlet.sleep, wait_all, *args)
    if suite == "spawn":
        return spawns(eventlet.spawn, wait, *args)
    events = []

    def spawn_waiting(count):
        events.append(Event())
        everybody = [eventlet.spawn(events[-1].wait) for _ in range(count)]
        eventlet.sleep(0)
        return everybody

    def release(everybody):
        events[-1].send()
        wait_all(everybody)

    return memory(spawn_waiting, release, args)


def on_gevent(suite, args):
    import gevent
    from gevent.event import Event

    def wait_all(everybody):
        gevent.joinall(everybody, raise_error=True)

    if suite == "switch":
        return yields(gevent.spawn, gevent.sleep, wait_all, *args)
    if suite == "spawn":
        return spawns(gevent.spawn, gevent.Greenlet.get, *args)
    events = []

    def spawn_waiting(count):
        events.append(Event())
        everybody = [gevent.spawn(events[-1].wait) for _ in range(count)]
        gevent.sleep(0)
        return everybody

    def release(everybody):
        events[-1].set()
        wait_all(everybody)

    return memory(spawn_waiting, release, args)


libraries = {"greenlet": on_greenlet, "eventlet": on_eventlet, "gevent": on_gevent}
print(json.dumps(libraries[sys.argv[1]](sys.argv[2], [int(word) for word in sys.argv[3:]])))
