"""Work in batches that shrink when memory runs out; knows nothing of models."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_batches(
    read: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    size: int,
    is_out_of_memory: Callable[[Exception], bool],
) -> list[Result]:
    """What `read` makes of `items`, in order, at most `size` at a time.

    Where memory runs out the batch is halved and reading goes on with the smaller size; what does not fit alone, and
    every other error, is raised.
    """
    results: list[Result] = []
    while len(results) < len(items):
        batch = items[len(results) : len(results) + size]
        try:
            results += read(batch)
        except Exception as error:
            if len(batch) == 1 or not is_out_of_memory(error):
                raise
            size = len(batch) // 2
    return results
