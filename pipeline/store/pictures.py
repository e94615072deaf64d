"""Parts of the stored page pictures."""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from pipeline.document import Figure, Page
from pipeline.errors import PageError
from pipeline.store.repository import Store


def figure_cutter(store: Store) -> Callable[[Page, Figure], bytes]:
    """Cuts figures out of pages as PNG, for exports; keeps the page it last looked at."""

    @lru_cache(maxsize=1)
    def pixels(image: str) -> np.ndarray:
        decoded = cv2.imdecode(np.frombuffer(store.get_blob(image), np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise PageError("The stored picture of a page is damaged, so its drawings can't be cut out.")
        return np.asarray(decoded)

    def cut(page: Page, figure: Figure) -> bytes:
        x0, y0, x1, y1 = figure.box
        return cv2.imencode(".png", pixels(page.image)[y0:y1, x0:x1])[1].tobytes()

    return cut
