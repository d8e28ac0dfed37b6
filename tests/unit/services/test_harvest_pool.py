"""Sources side by side: so many read at once, few of one host, nobody twice, and a free place is taken at once."""

import threading
from collections import Counter
from collections.abc import Callable

from catalogue_app.domain.source import Source
from catalogue_app.services.harvest_pool import HarvestPool, host_of
from tests.builders import a_source

LONG_S = 60.0


class Work:
    """Harvests that end when told, and who was at work together."""

    def __init__(self, *, is_read_first: bool = False) -> None:
        self.is_read_first = is_read_first
        self.lock = threading.Lock()
        self.gate = threading.Event()
        self.started: list[Source] = []
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.some = threading.Condition(self.lock)

    def __call__(self, source: Source, when_read: Callable[[], None]) -> None:
        host = host_of(source)
        with self.some:
            self.started.append(source)
            for name in (host, "all"):
                self.now[name] += 1
                self.most[name] = max(self.most[name], self.now[name])
            self.some.notify_all()
        if self.is_read_first:
            when_read()
            when_read()
        if "slow" in host:
            self.gate.wait(LONG_S)
        with self.lock:
            self.now[host] -= 1
            self.now["all"] -= 1

    def wait_for(self, count: int) -> bool:
        with self.some:
            return self.some.wait_for(lambda: len(self.started) >= count, LONG_S)


def on(host: str, count: int) -> list[Source]:
    return [a_source(address=f"https://{host}/{number}") for number in range(count)]


def test_every_source_is_harvested_once_within_its_limits() -> None:
    pool, work = HarvestPool(places=2, of_one_host=2), Work()
    sources = [*on("a.cn", 20), *on("b.cn", 20), *on("c.cn", 20)]
    pool.offer(sources, work)
    pool.finish()
    assert Counter(source.id for source in work.started) == Counter(source.id for source in sources)
    assert work.most["all"] <= 4
    assert max(work.most[host] for host in ("a.cn", "b.cn", "c.cn")) <= 2


def test_a_slow_host_takes_no_more_than_its_places() -> None:
    pool, work = HarvestPool(places=4, of_one_host=2), Work()
    slow = on("slow.cn", 10)
    pool.offer([*slow, *on("a.cn", 30)], work)
    assert work.wait_for(32), "two slow ones and all thirty others"
    assert sum("slow" in host_of(source) for source in work.started) == 2
    work.gate.set()
    pool.finish()
    assert len(work.started) == 40


def test_who_has_read_its_source_leaves_its_host_to_the_next() -> None:
    pool, work = HarvestPool(places=2, of_one_host=1), Work(is_read_first=True)
    slow = on("slow.cn", 9)
    pool.offer(slow, work)
    assert work.wait_for(4), "two to a place, though all are of one host"
    pool.offer(slow, work)
    assert len(work.started) == 4, "those that have read are under way still, and others wait for their end"
    work.gate.set()
    pool.finish()
    assert Counter(source.id for source in work.started) == Counter(source.id for source in slow)
    assert work.most["all"] <= 4


def test_what_is_at_work_is_passed_over_when_it_is_offered_again() -> None:
    pool, work = HarvestPool(places=2, of_one_host=2), Work()
    slow = on("slow.cn", 1)
    for _ in range(3):
        pool.offer(slow, work)
    assert work.wait_for(1)
    work.gate.set()
    pool.finish()
    assert len(work.started) == 1


def test_a_later_offer_replaces_what_waits() -> None:
    pool, work = HarvestPool(places=1, of_one_host=2), Work()
    pool.offer(on("slow.cn", 2), work)
    assert work.wait_for(2)
    pool.offer(on("a.cn", 5), work)
    pool.offer(on("b.cn", 1), work)
    work.gate.set()
    pool.finish()
    assert [host_of(source) for source in work.started] == ["slow.cn", "slow.cn", "b.cn"]


def test_who_stops_waits_for_what_runs_and_starts_nothing_more() -> None:
    pool, work = HarvestPool(places=1, of_one_host=2), Work()
    pool.offer([*on("slow.cn", 2), *on("a.cn", 5)], work)
    assert work.wait_for(2)
    threading.Timer(0.1, work.gate.set).start()
    pool.wait()
    assert len(work.started) == 2
    assert work.now["all"] == 0


def test_files_are_hosts_of_their_own() -> None:
    assert host_of(a_source(address="/srv/a.csv")) != host_of(a_source(address="/srv/b.csv"))
    assert host_of(a_source(address="https://X.cn/1")) == host_of(a_source(address="https://x.cn/2"))
