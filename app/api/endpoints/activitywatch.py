"""The endpoints of `/api/0`, for watchers and for readers; who is let in is settled in `activitywatch`.

Source: docs.activitywatch.net/en/latest/api/rest.html; aw-server, aw_server/rest.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from app.api.endpoints.activitywatch_requests import limit_of, moment_of, period_of, refusal, seconds_of, texts_of
from app.api.http.limits import Limits
from app.api.http.requests import read_json, read_object
from app.api.http.responses import ApiError, json_answer
from app.api.http.thread_pool import Pool
from app.services.activitywatch.buckets import BucketError
from app.services.activitywatch.functions import QueryError
from app.services.activitywatch.ingest import UnreadableError
from app.services.activitywatch.reader import TooMuchError
from app.services.activitywatch.service import ActivityWatch, NoBucketError
from app.system.version import version

_T = TypeVar("_T")


class Handlers:
    """Every endpoint; what blocks is done in the pool."""

    def __init__(self, service: ActivityWatch, pool: Pool, limits: Limits) -> None:
        self._service = service
        self._pool = pool
        self._limits = limits

    def add_to(self, application: web.Application) -> None:
        """Register every endpoint."""
        bucket = "/api/0/buckets/{bucket}"
        add = application.router.add_route
        for slash in ("", "/"):
            add("GET", f"/api/0/buckets{slash}", self._reading(self.buckets))
            add("POST", f"/api/0/query{slash}", self._reading(self.query))
            add("GET", f"/api/0/settings{slash}", self._reading(self.settings))
        add("GET", "/api/0/info", self.info)
        add("POST", bucket, self.make_bucket)
        add("POST", f"{bucket}/heartbeat", self.heartbeat)
        add("POST", f"{bucket}/events", self.insert)
        add("POST", "/api/0/import", self.bring_in)
        add("GET", bucket, self._reading(self.bucket))
        add("GET", f"{bucket}/events", self._reading(self.events))
        add("GET", f"{bucket}/events/count", self._reading(self.count))
        add("GET", f"{bucket}/events/{{id:[0-9]{{1,18}}}}", self._reading(self.event))
        add("GET", "/api/0/settings/{key}", self._reading(self.setting))
        for method, path in (
            *(("DELETE", each) for each in (bucket, f"{bucket}/events/{{id}}")),
            *(("GET", each) for each in ("/api/0/export", f"{bucket}/export", "/api/0/log")),
            *(("PUT", each) for each in (bucket,)),
            *(("POST", each) for each in ("/api/0/settings/{key}",)),
        ):
            add(method, path, self.refused)

    def _reading(self, handler: Handler) -> Handler:
        """An endpoint that is there only if the user lets programs read."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if not self._service.readable:
                raise ApiError(
                    403,
                    "Reading is switched off: programs may only send.",
                    "Switch it on under Settings, or with: kryptic activitywatch read-on",
                )
            return await handler(request)

        return answer

    async def _done(self, work: Callable[[], _T]) -> _T:
        try:
            return await self._pool.start(work)
        except NoBucketError as error:
            raise refusal(404, error.message, error.remedy) from error
        except (UnreadableError, BucketError) as error:
            raise refusal(400, error.message, error.remedy) from error
        except QueryError as error:
            raise refusal(400, error.message, error.remedy, kind="QueryException") from error
        except TooMuchError as error:
            raise refusal(413, error.message, error.remedy) from error

    # --- for watchers

    async def info(self, _: web.Request) -> web.Response:
        """Who answers."""
        return json_answer(
            {
                "hostname": self._service.hostname,
                "version": f"{version()} (KrypticTrack)",
                "testing": False,
                "device_id": "kryptictrack",
            }
        )

    async def make_bucket(self, request: web.Request) -> web.Response:
        """Make a bucket; 304 if it exists."""
        fields = await read_object(request, self._limits)
        name = request.match_info["bucket"]
        made = await self._done(lambda: self._make(name, fields))
        return json_answer({}) if made else web.Response(status=304)

    async def heartbeat(self, request: web.Request) -> web.Response:
        """One heartbeat; the event as it is now."""
        pulse = seconds_of(request.query.get("pulsetime"))
        body = await read_object(request, self._limits)
        name = request.match_info["bucket"]
        return json_answer(await self._done(lambda: self._service.heartbeat(name, body, pulse)))

    async def insert(self, request: web.Request) -> web.Response:
        """One event, or a list; the event, if it was one.

        Raises:
            ApiError: 413 if the list holds too many events.
        """
        body = await read_json(request, self._limits)
        events = body if isinstance(body, list) else [body]
        if len(events) > self._limits.events:
            raise refusal(413, f"The list holds more than {self._limits.events} events.", "Send it in parts.")
        name = request.match_info["bucket"]
        inserted = await self._done(lambda: self._service.insert(name, events))
        return json_answer(inserted[0] if len(inserted) == 1 else None)

    async def bring_in(self, request: web.Request) -> web.Response:
        """Buckets with their events, as an export has them.

        Raises:
            ApiError: 400 if there are no buckets in the body.
        """
        body = await read_object(request, self._limits)
        buckets = body.get("buckets")
        if not isinstance(buckets, dict) or not all(isinstance(each, dict) for each in buckets.values()):
            raise refusal(400, "There are no buckets in it.", 'Send {"buckets": {…}} as an export has it.')

        def work() -> None:
            for name, bucket in buckets.items():
                self._make(name, bucket)
                events = bucket.get("events")
                self._service.insert(name, events if isinstance(events, list) else [])

        await self._done(work)
        return json_answer(None)

    def _make(self, name: str, fields: Mapping[str, Any]) -> bool:
        texts = [fields.get(key) for key in ("type", "client", "hostname")]
        kind, client, hostname = (text if isinstance(text, str) else "" for text in texts)
        return self._service.make_bucket(name, kind, client, hostname)

    async def refused(self, _: web.Request) -> web.Response:
        """What no program may do here.

        Raises:
            ApiError: 403, always.
        """
        raise refusal(
            403,
            "Programs may neither delete, change settings nor take everything out here.",
            "Use the program itself: kryptic forget, kryptic export --format activitywatch.",
        )

    # --- for readers

    async def buckets(self, _: web.Request) -> web.Response:
        """Every bucket."""
        return json_answer(await self._done(self._service.buckets))

    async def bucket(self, request: web.Request) -> web.Response:
        """One bucket."""
        name = request.match_info["bucket"]
        return json_answer(await self._done(lambda: self._service.bucket(name)))

    async def events(self, request: web.Request) -> web.Response:
        """The events of a bucket, latest first."""
        name, limit = request.match_info["bucket"], limit_of(request.query.get("limit"))
        start_us, end_us = moment_of(request, "start"), moment_of(request, "end")
        return json_answer(await self._done(lambda: self._service.events(name, start_us, end_us, limit)))

    async def count(self, request: web.Request) -> web.Response:
        """How many events a bucket has."""
        name = request.match_info["bucket"]
        start_us, end_us = moment_of(request, "start"), moment_of(request, "end")
        return json_answer(await self._done(lambda: self._service.count(name, start_us, end_us)))

    async def event(self, request: web.Request) -> web.Response:
        """One event.

        Raises:
            ApiError: 404 if there is no such event.
        """
        name, identity = request.match_info["bucket"], int(request.match_info["id"])
        found = await self._done(lambda: self._service.event(name, identity))
        if found is None:
            raise refusal(404, "There is no such event.", "Ask for the bucket's events.")
        return json_answer(found)

    async def query(self, request: web.Request) -> web.Response:
        """What a query answers for each period."""
        body = await read_object(request, self._limits)
        lines, spans = texts_of(body, "query"), [period_of(period) for period in texts_of(body, "timeperiods")]
        name = request.query.get("name", "")
        return json_answer(await self._done(lambda: self._service.query("".join(lines), spans, name)))

    async def settings(self, _: web.Request) -> web.Response:
        """ActivityWatch's settings: there are none here."""
        return json_answer({})

    async def setting(self, _: web.Request) -> web.Response:
        """One of them.

        Raises:
            ApiError: 404, always: clients then use their defaults.
        """
        raise refusal(404, "There is no such setting.", "Its clients then go by their own.")
