"""What the server of `pulsar review` answers, and to whom.

The address that is printed has a key. Who brings it is given a cookie, and sent to a place whose
name is random, too: the cookie is for that place alone, for a browser sends the cookies of one port
of this machine to all of them. A word is taken only from that place's own page.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeAlias

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pulsars.review import (
    Asked,
    Looks,
    Person,
    Session,
    SortedBy,
    find_looks,
    render_candidate,
    render_review,
    script,
    style,
)
from schemas import PulsarError, first_fault, for_log

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""For the browser: what the page may load and do."""

_COOKIE = "pulsar-review"
_MOST_BYTES = 4096
_COME_IN = (
    "This page is opened by the address that `pulsar review` printed when it started, with its key."
)


def review_app(session: Session, *, key: str) -> Starlette:
    """Make the application of a session.

    Parameters
    ----------
    session : Session
    key : str
        Whoever names it may look, and say what a candidate is.

    Raises
    ------
    DamagedRecordError
        If the folds beside the scores are not what was written.
    """
    routes = _Routes(session, key, find_looks(session.scores))
    place, inside = routes.place, routes.inside
    return Starlette(
        routes=[
            Route("/", routes.come_in),
            Route(place, inside(routes.page)),
            Route(f"{place}review.js", inside(routes.script)),
            Route(f"{place}review.css", inside(routes.style)),
            Route(f"{place}person", inside(routes.person)),
            Route(f"{place}list", inside(routes.listed)),
            Route(f"{place}face/{{candidate}}", inside(routes.face)),
            Route(f"{place}say", inside(routes.say), methods=["POST"]),
        ],
        exception_handlers={PulsarError: _refused, OSError: _refused},
    )


class _Routes:
    """The answers, by what the application calls them."""

    def __init__(self, session: Session, key: str, looks: Looks) -> None:
        self._session = session
        self._key = key
        self._looks = looks
        self._pass = secrets.token_urlsafe(32)
        self.place = f"/{secrets.token_urlsafe(16)}/"

    async def come_in(self, request: Request) -> Response:
        """Give the cookie to who brings the key."""
        if not _same(request.query_params.get("key", ""), self._key):
            return PlainTextResponse(_COME_IN, HTTPStatus.FORBIDDEN)
        # A redirect would still be what another site began, and its cookie not be sent.
        head = f'<meta http-equiv="refresh" content="0; url={self.place}"><title>Review</title>'
        answer = HTMLResponse(f'<!DOCTYPE html><html lang="en">{head}')
        answer.headers["Cache-Control"] = "no-store"
        answer.set_cookie(_COOKIE, self._pass, path=self.place, httponly=True, samesite="strict")
        return answer

    def inside(self, answer: Answer) -> Answer:
        """Answer only who has the cookie."""

        async def answer_who_has_it(request: Request) -> Response:
            if not _same(request.cookies.get(_COOKIE, ""), self._pass):
                return PlainTextResponse(_COME_IN, HTTPStatus.FORBIDDEN)
            found = await answer(request)
            found.headers["Cache-Control"] = "no-store"
            return found

        return answer_who_has_it

    async def page(self, _request: Request) -> Response:
        """Give the page."""
        return HTMLResponse(render_review(self._session.scores))

    async def script(self, _request: Request) -> Response:
        """Give its script."""
        return Response(script(), media_type="text/javascript")

    async def style(self, _request: Request) -> Response:
        """Give its style."""
        return Response(style(), media_type="text/css")

    async def person(self, request: Request) -> Response:
        """Say how a name is written, or why it is none, before a word is said under it."""
        try:
            person = Person(who=request.query_params.get("who", ""))
        except ValidationError as error:
            return JSONResponse({"who": "", "message": for_log(first_fault(error))})
        return JSONResponse({"who": person.who, "message": ""})

    async def listed(self, request: Request) -> Response:
        """List the candidates, with who said what."""
        asked = request.query_params.get("sort")
        order: SortedBy = "teaching" if asked == "teaching" else "probability"
        return JSONResponse(await run_in_threadpool(self._session.listed, order))

    async def face(self, request: Request) -> Response:
        """Show a candidate."""
        one = self._session.find(request.path_params["candidate"])
        if one is None:
            return _message("no such candidate is listed here", HTTPStatus.NOT_FOUND)
        scores = self._session.scores
        return HTMLResponse(await run_in_threadpool(render_candidate, one, self._looks, scores))

    async def say(self, request: Request) -> Response:
        """Put a word on disk, then confirm it."""
        kind = request.headers.get("content-type", "")
        if "origin" not in request.headers or kind != "application/json":
            return _message("a word comes from the page alone", HTTPStatus.FORBIDDEN)
        body = await _bounded(request)
        if body is None:
            return _message("that is too long for a word", HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            asked = Asked.model_validate_json(body, strict=True)
        except ValidationError as error:
            return _message(first_fault(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        said = await run_in_threadpool(self._session.say, asked)
        if said is None:
            return _message("there is nothing here to say that of", HTTPStatus.NOT_FOUND)
        return JSONResponse(await run_in_threadpool(self._session.item, said.candidate))


async def _bounded(request: Request) -> bytes | None:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return None
    return body


def _same(given: str, kept: str) -> bool:
    return secrets.compare_digest(given.encode(), kept.encode())


def _message(text: str, status: HTTPStatus) -> Response:
    return JSONResponse({"message": for_log(text)}, status)


async def _refused(_request: Request, error: Exception) -> Response:
    """Say what went wrong: nothing is confirmed that is not on disk."""
    said: Any = error.strerror if isinstance(error, OSError) and error.strerror else error
    return _message(str(said), HTTPStatus.INTERNAL_SERVER_ERROR)
