"""What is turned away before a route sees it: bodies that are too large, and writes sent by other web sites."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.settings import Settings

# What a form adds around its files.
FORM_BYTES = 2**20


class Guard:
    """ASGI middleware. Counts a body while it comes in, so a large one is stopped before it fills the disk."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # There is no sign-in, so any page open in the user's browser could otherwise write here.
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            await _refuse(403, "Requests that change something must not come from another web site.")(
                scope, receive, send
            )
            return
        settings: Settings = scope["app"].state.services.settings
        limit = settings.max_file_mb
        sentence = f"The upload is too large; the limit is {limit} MB."
        most = limit * 2**20 + FORM_BYTES
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > most:
            await _refuse(413, sentence)(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413, sentence)
            return message

        await self.app(scope, counted, send)


def _refuse(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)
