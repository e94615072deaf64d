"""Threads share batches: full ones at once, others after a short wait, users in turns."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock

import pytest

from pipeline.engines.micro_batches import MicroBatches

LONG_S = 60.0


class Reader:
    """Reads in capitals. The first batch waits until `go` is set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.busy, self.go = Event(), Event()
        self._lock = Lock()

    def __call__(self, items: Sequence[str]) -> list[str]:
        assert self._lock.acquire(blocking=False), "two batches at a time"
        self.batches.append(list(items))
        self.busy.set()
        assert self.go.wait(LONG_S)
        self._lock.release()
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


@pytest.fixture
def reader() -> Reader:
    return Reader()


def wait_until_waiting(queue: MicroBatches[str, str], count: int) -> None:
    with queue._changed:
        assert queue._changed.wait_for(lambda: queue._waiting == count, LONG_S)


def test_results_come_in_order_in_batches_of_the_size(reader: Reader) -> None:
    reader.go.set()
    queue = MicroBatches(reader, size=4, wait_s=0.0)
    assert queue.read(list("abcdefghij"), "me") == list("ABCDEFGHIJ")
    assert [len(batch) for batch in reader.batches] == [4, 4, 2]
    assert queue.read([], "me") == []


def test_lines_of_several_users_share_a_batch(reader: Reader) -> None:
    queue = MicroBatches(reader, size=3, wait_s=LONG_S)
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(queue.read, [item], item) for item in "abc"]
        reader.go.set()
        assert [future.result(LONG_S) for future in futures] == [["A"], ["B"], ["C"]]
    assert [sorted(batch) for batch in reader.batches] == [["a", "b", "c"]]


def test_a_batch_that_does_not_fill_goes_when_its_time_has_come(reader: Reader) -> None:
    reader.go.set()
    queue = MicroBatches(reader, size=100, wait_s=0.01)
    assert queue.read(["a", "b"], "me") == ["A", "B"]
    assert reader.batches == [["a", "b"]]


def test_a_single_line_does_not_wait_for_a_long_document(reader: Reader) -> None:
    queue = MicroBatches(reader, size=2, wait_s=0.0)
    document = [f"line {number}" for number in range(20)]
    with ThreadPoolExecutor() as pool:
        first = pool.submit(queue.read, document, "archive")
        assert reader.busy.wait(LONG_S)
        waiting = 20 - len(reader.batches[0])
        second = pool.submit(queue.read, ["x", "y"], "student")
        wait_until_waiting(queue, waiting + 2)
        reader.go.set()
        assert second.result(LONG_S) == ["X", "Y"]
        assert first.result(LONG_S) == [line.upper() for line in document]
    assert [("x" in batch, "y" in batch) for batch in reader.batches[1:3]] == [(True, False), (False, True)]


def test_whoever_brings_more_than_there_is_room_for_is_held_up(reader: Reader) -> None:
    queue = MicroBatches(reader, size=2, wait_s=0.0, room=4)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(queue.read, list("abcdefghijkl"), "me")
        assert reader.busy.wait(LONG_S)
        other = pool.submit(queue.read, list("mnopqrs"), "other")
        wait_until_waiting(queue, 4)
        reader.go.set()
        assert future.result(LONG_S) == list("ABCDEFGHIJKL")
        assert other.result(LONG_S) == list("MNOPQRS")


def test_an_error_reaches_those_whose_lines_were_in_the_batch_and_nobody_else(reader: Reader) -> None:
    queue = MicroBatches(reader, size=1, wait_s=0.0)
    with ThreadPoolExecutor() as pool:
        futures: list[Future[list[str]]] = [pool.submit(queue.read, [item], item) for item in ("a", "bad", "c")]
        wait_until_waiting(queue, 2)
        reader.go.set()
        assert futures[0].result(LONG_S) == ["A"]
        with pytest.raises(ValueError, match="bad"):
            futures[1].result(LONG_S)
        assert futures[2].result(LONG_S) == ["C"]
    assert queue.read(["d"], "me") == ["D"]


def test_a_reader_that_is_stopped_leaves_nobody_waiting(reader: Reader) -> None:
    def stop(items: Sequence[str]) -> list[str]:
        raise KeyboardInterrupt

    queue = MicroBatches(stop, size=2, wait_s=0.0)
    with pytest.raises(KeyboardInterrupt):
        queue.read(["a", "b", "c"], "me")
    queue._run = reader
    reader.go.set()
    assert queue.read(["d"], "me") == ["D"]
    assert reader.batches == [["d"]]
