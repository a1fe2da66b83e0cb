# <scale> <milliseconds> <title>...: eventlet's queue, semaphore, event and pool at work.
import eventlet
from eventlet.event import Event
from eventlet.queue import Queue
from eventlet.semaphore import Semaphore

import toolbox_time as sizes
from toolbox_time import check_sum, main, now, scaled


def hand_off(size):
    def one_pass(scale):
        items = scaled(sizes.ITEMS, scale)
        queue = Queue(size)

        def produce():
            for number in range(items):
                queue.put(number)

        def consume():
            for number in range(items):
                if queue.get() != number:
                    raise AssertionError("out of order")

        threads = [eventlet.spawn(produce), eventlet.spawn(consume)]
        start = now()
        for thread in threads:
            thread.wait()
        return now() - start, items

    return one_pass


def semaphore(scale):
    turns = scaled(sizes.TURNS, scale)
    slot = Semaphore(0)

    def party():
        for _ in range(turns):
            slot.acquire()
            slot.release()
            eventlet.sleep(0)

    threads = [eventlet.spawn(party) for _ in range(sizes.PARTIES)]
    eventlet.sleep(0)  # all are waiting
    start = now()
    slot.release()
    for thread in threads:
        thread.wait()
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

    threads = [eventlet.spawn(waiter) for _ in range(sizes.WAITERS)]
    eventlet.sleep(0)  # all are waiting
    start = now()
    for event in events[:-1]:
        event.send()
        everybody.acquire()
    elapsed = now() - start
    events[-1].send()  # they end
    for thread in threads:
        thread.wait()
    return elapsed, sizes.WAITERS * broadcasts


def pool(scale):
    jobs = scaled(sizes.JOBS, scale)
    done = 0

    def job():
        nonlocal done
        eventlet.sleep(0)
        done += 1

    start = now()
    green = eventlet.GreenPool(sizes.PLACES)
    for _ in range(jobs):
        green.spawn(job)
    green.waitall()
    if done != jobs:
        raise AssertionError("%d jobs done" % done)
    return now() - start, jobs


def grow(parent, number, size):
    if size == 1:
        parent.put(number)
        return
    children = Queue(10)
    for child in range(10):
        eventlet.spawn(grow, children, number + child * size // 10, size // 10)
    parent.put(sum(children.get() for _ in range(10)))


def skynet(leaves):
    def one_pass(scale):
        generations = scaled(sizes.LEAVES / leaves, scale)
        start = now()
        top = Queue(1)
        total = 0
        for number in range(generations):
            eventlet.spawn(grow, top, number * leaves, leaves)
            total += top.get()
        check_sum(total, generations * leaves)
        return now() - start, generations * leaves

    return one_pass


main(
    {
        "queue of 1": hand_off(1),
        "queue of 0": hand_off(0),
        "semaphore": semaphore,
        "broadcast": broadcast,
        "pool": pool,
    },
    skynet,
)
