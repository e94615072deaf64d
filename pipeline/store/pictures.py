"""The stored page pictures, for exports."""

from pipeline.document import Page
from pipeline.errors import NotFoundError
from pipeline.export import Pictures
from pipeline.store.repository import Store


def pictures_of(store: Store) -> Pictures:
    """Pages' pictures out of the store, whole and in parts."""

    def read(page: Page) -> bytes:
        if not page.image:
            raise NotFoundError(f"There is no picture of page {page.index + 1}.")
        return store.get_blob(page.image)

    return Pictures(read)
