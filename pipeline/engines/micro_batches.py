"""Work of many threads gathered into batches: full ones at once, others after a short wait; knows nothing of models."""

import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Ticket(Generic[Item, Result]):
    item: Item
    since: float  # monotonic seconds
    answers: "list[Result | BaseException]"  # one, as soon as there is one


class MicroBatches(Generic[Item, Result]):
    """Turns items into results, in batches shared by all threads that have some.

    It has no thread of its own: whoever waits runs the next batch, one at a time, for everybody.
    """

    def __init__(
        self, run: Callable[[Sequence[Item]], list[Result]], size: int, wait_s: float = 0.005, room: int = 4096
    ):
        """run: makes one result of each item, in order. size: most items of a batch.

        wait_s: how long an item waits for others to fill its batch. room: most items that wait; whoever brings more
        is held up until there is room.
        """
        self._run, self._size, self._wait_s, self._room = run, size, wait_s, room
        self._changed = Condition()
        self._running = False
        self._waiting = 0
        # Users in the order in which they get their turns, each with what is still to be read.
        self._turns: dict[Hashable, deque[_Ticket[Item, Result]]] = {}

    def read(self, items: Sequence[Item], user: Hashable) -> list[Result]:
        """Results of the items, in order. Users take turns, an item each, so that a long document does not hold up a
        single line. Raises what `run` raised for a batch with one of the items."""
        mine: list[_Ticket[Item, Result]] = []
        with self._changed:
            try:
                for item in items:
                    while self._waiting >= self._room:
                        self._go_on()
                    mine.append(_Ticket(item, time.monotonic(), []))
                    self._turns.setdefault(user, deque()).append(mine[-1])
                    self._waiting += 1
                    self._changed.notify_all()
                while not all(ticket.answers for ticket in mine):
                    self._go_on()
            except BaseException:
                self._take_back(mine, user)
                raise
        results: list[Result] = []
        for ticket in mine:
            (answer,) = ticket.answers
            if isinstance(answer, BaseException):
                raise answer
            results.append(answer)
        return results

    def _go_on(self) -> None:
        """Run a batch, or wait until whoever runs one has done so. Called with the lock held."""
        if self._running:
            self._changed.wait()
            return
        self._running = True
        try:
            batch = self._gather()
            answers: Sequence[Result | BaseException] = [RuntimeError("Reading was stopped.")] * len(batch)
            self._changed.notify_all()  # there is room again
            self._changed.release()
            try:
                answers = self._run([ticket.item for ticket in batch]) if batch else []
            except Exception as error:
                answers = [error] * len(batch)
            finally:
                self._changed.acquire()
                for ticket, answer in zip(batch, answers, strict=True):
                    ticket.answers.append(answer)
        finally:
            self._running = False
            self._changed.notify_all()

    def _gather(self) -> "list[_Ticket[Item, Result]]":
        """Take the next batch out of the queue, once it is full or its oldest item has waited long enough."""
        deadline = min(tickets[0].since for tickets in self._turns.values()) + self._wait_s
        while self._waiting < self._size and (left := deadline - time.monotonic()) > 0:
            self._changed.wait(left)
        batch: list[_Ticket[Item, Result]] = []
        while self._turns and len(batch) < self._size:
            user, tickets = next(iter(self._turns.items()))
            batch.append(tickets.popleft())
            del self._turns[user]
            if tickets:
                self._turns[user] = tickets  # to the end of the row
        self._waiting -= len(batch)
        return batch

    def _take_back(self, mine: "list[_Ticket[Item, Result]]", user: Hashable) -> None:
        """Nobody waits for these any more."""
        left = deque(ticket for ticket in self._turns.pop(user, ()) if not any(ticket is given for given in mine))
        if left:
            self._turns[user] = left
        self._waiting = sum(map(len, self._turns.values()))
        self._changed.notify_all()
