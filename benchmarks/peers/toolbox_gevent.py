# <scale> <milliseconds> <title>...: gevent's queue, channel, semaphore, event and pool at work.
import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.pool import Pool
from gevent.queue import Channel, Queue

import toolbox_time as sizes
from toolbox_time import check_sum, main, now, scaled


def hand_off(make):
    def one_pass(scale):
        items = scaled(sizes.ITEMS, scale)
        queue = make()

        def produce():
            for number in range(items):
                queue.put(number)

        def consume():
            for number in range(items):
                if queue.get() != number:
                    raise AssertionError("out of order")

        threads = [gevent.spawn(produce), gevent.spawn(consume)]
        start = now()
        gevent.joinall(threads, raise_error=True)
        return now() - start, items

    return one_pass


def semaphore(scale):
    turns = scaled(sizes.TURNS, scale)
    slot = Semaphore(0)

    def party():
        for _ in range(turns):
            slot.acquire()
            slot.release()
            gevent.sleep(0)

    threads = [gevent.spawn(party) for _ in range(sizes.PARTIES)]
    gevent.sleep(0)  # all are waiting
    start = now()
    slot.release()
    gevent.joinall(threads, raise_error=True)
    return now() - start, sizes.PARTIES * turns


def broadcast(scale):
    broadcasts = scaled(sizes.BROADCASTS, scale)
    events = [Event() for _ in range(broadcasts + 1)]
    everybody = Semaphore(0)
    seen = 0

    def waiter():
        nonlocal seen
        for event in events:
            event.wait()
            seen += 1
            if seen % sizes.WAITERS == 0:
                everybody.release()

    threads = [gevent.spawn(waiter) for _ in range(sizes.WAITERS)]
    gevent.sleep(0)  # all are waiting
    start = now()
    for event in events[:-1]:
        event.set()
        everybody.acquire()
    elapsed = now() - start
    events[-1].set()  # they end
    gevent.joinall(threads, raise_error=True)
    return elapsed, sizes.WAITERS * broadcasts


def pool(scale):
    jobs = scaled(sizes.JOBS, scale)
    done = 0

    def job():
        nonlocal done
        gevent.sleep(0)
        done += 1

    start = now()
    green = Pool(sizes.PLACES)
    for _ in range(jobs):
        green.spawn(job)
    green.join()
    if done != jobs:
        raise AssertionError("%d jobs done" % done)
    return now() - start, jobs


def grow(parent, number, size):
    if size == 1:
        parent.put(number)
        return
    children = Queue(10)
    for child in range(10):
        gevent.spawn(grow, children, number + child * size // 10, size // 10)
    parent.put(sum(children.get() for _ in range(10)))


def skynet(leaves):
    def one_pass(scale):
        generations = scaled(sizes.LEAVES / leaves, scale)
        start = now()
        top = Queue(1)
        total = 0
        for number in range(generations):
            gevent.spawn(grow, top, number * leaves, leaves)
            total += top.get()
        check_sum(total, generations * leaves)
        return now() - start, generations * leaves

    return one_pass


main(
    {
        "queue of 1": hand_off(lambda: Queue(1)),
        "queue of 0": hand_off(Channel),
        "semaphore": semaphore,
        "broadcast": broadcast,
        "pool": pool,
    },
    skynet,
)
