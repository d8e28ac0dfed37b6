"""Places for asking: never more are taken than there are, and who has waited longest comes first."""

import threading
import time
from collections import Counter
from itertools import pairwise

import pytest

from harvesters.politeness import Places


@pytest.mark.parametrize("count", [1, 3])
def test_never_more_are_taken_than_there_are(count: int) -> None:
    places, lock, now, most = Places(count), threading.Lock(), [0], [0]
    gate = threading.Barrier(count)

    def take() -> None:
        for _ in range(50):
            with places:
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                with lock:
                    now[0] -= 1

    def meet() -> None:
        with places:
            gate.wait(10)  # passes only when all places are taken at once

    for work, threads in ((meet, count), (take, 8)):
        at_work = [threading.Thread(target=work) for _ in range(threads)]
        for thread in at_work:
            thread.start()
        for thread in at_work:
            thread.join()
    assert most[0] <= count
    with places:
        pass


def test_who_asks_again_at_once_comes_after_those_who_wait() -> None:
    places, order, started = Places(1), list[str](), threading.Barrier(3)

    def run(name: str) -> None:
        started.wait(10)
        for _ in range(20):
            with places:
                order.append(name)
                time.sleep(0.002)  # as an answer that is waited for: meanwhile the others come to wait

    threads = [threading.Thread(target=run, args=(name,)) for name in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(order) == {"A": 20, "B": 20, "C": 20}
    changes = sum(earlier != later for earlier, later in pairwise(order))
    assert changes > 40, "with a semaphore there are two or three"
