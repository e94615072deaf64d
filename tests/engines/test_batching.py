"""Batches that shrink when memory runs out."""

from collections.abc import Sequence

import pytest

from pipeline.engines.batching import in_batches


class Machine:
    """Doubles numbers, and remembers how many it was given at a time; more than `room` do not fit."""

    def __init__(self, room: int):
        self.room = room
        self.sizes: list[int] = []

    def double(self, numbers: Sequence[int]) -> list[int]:
        self.sizes.append(len(numbers))
        if len(numbers) > self.room:
            raise MemoryError("too many")
        return [2 * number for number in numbers]


def is_memory_error(error: Exception) -> bool:
    return isinstance(error, MemoryError)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 20])
def test_every_item_is_read_once_and_in_order(count: int) -> None:
    machine = Machine(room=8)
    assert in_batches(machine.double, range(count), 8, is_memory_error) == [2 * number for number in range(count)]
    assert max(machine.sizes, default=0) <= 8
    assert sum(machine.sizes) == count


def test_a_batch_that_does_not_fit_is_halved_and_the_rest_goes_on_smaller() -> None:
    machine = Machine(room=3)
    assert in_batches(machine.double, range(10), 8, is_memory_error) == [2 * number for number in range(10)]
    assert machine.sizes == [8, 4, 2, 2, 2, 2, 2]


def test_one_item_that_does_not_fit_alone_is_an_error() -> None:
    with pytest.raises(MemoryError):
        in_batches(Machine(room=0).double, [1, 2, 3], 8, is_memory_error)


def test_other_errors_are_not_swallowed() -> None:
    def fail(numbers: Sequence[int]) -> list[int]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_batches(fail, [1, 2, 3], 8, is_memory_error)
