"""Files as rows of pages to read, where a picture of two facing pages counts as two."""

import logging
from dataclasses import replace

from pipeline.errors import PageError
from pipeline.flatten import facing_pages, find_fold
from pipeline.ingest.source import PageImage, Source

log = logging.getLogger(__name__)


def with_facing_pages(source: Source) -> Source:
    """The source, but the left and the right page of an opened book by themselves if its one picture shows such."""
    if source.glance is None:
        return source
    try:
        fold = find_fold(source.glance())
    except Exception:  # whatever is wrong with the picture is told when its page is read
        log.debug("looking for facing pages in %s", source.name, exc_info=True)
        return source
    if fold is None:
        return source

    def read(index: int) -> PageImage:
        if index not in (0, 1):
            raise PageError(f"{source.name} has no page {index + 1}.")
        image = source.read(0)
        return replace(image, pixels=facing_pages(image.pixels, fold)[index])

    return replace(source, page_count=2, read=read)
