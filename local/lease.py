"""One at a time: a lease that is kept in the search engine, and runs out if its holder is killed."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from opensearchpy.exceptions import ConflictError, NotFoundError

from functions.discovery import engine
from heliograph import clock, config
from heliograph.errors import Unavailable
from local.errors import CloudError

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 15.0


class Held(CloudError):
    """Somebody else holds the lease."""


@dataclass
class Lease:
    """A lease on `name`. `_seen`: the write that made it ours, or prolonged it."""

    name: str
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    lost: bool = False
    _seen: dict[str, int] = field(default_factory=dict[str, int])

    def take(self) -> None:
        """Raises Held."""
        try:
            self._write({"op_type": "create"})
        except ConflictError:
            found = self._read()
            if self._is_ours(found):
                return
            if found.get("found") and clock.parse(found["_source"]["until"]) > clock.now():
                raise self._held(found["_source"]["until"]) from None
            try:
                self._write(_condition(found) if found.get("found") else {"op_type": "create"})
            except ConflictError:
                raise self._held("now") from None

    def renew(self) -> None:
        """Prolong it; it is lost if somebody else has taken it since."""
        with suppress(Unavailable):  # it may still last until the engine is back
            try:
                self._write(self._seen)
            except (ConflictError, NotFoundError):
                self.lost = not self._is_ours(self._read())

    def release(self) -> None:
        with suppress(ConflictError, NotFoundError, Unavailable):
            engine.call(lambda client: client.delete(index=self._index, id=self.name, params=self._seen))

    def check(self) -> None:
        """Raises Held when the lease was lost."""
        if self.lost:
            raise self._held("now")

    def _write(self, condition: dict[str, Any]) -> None:
        body = {"owner": self.owner, "until": clock.iso(clock.now() + LEASE)}
        answer = engine.call(lambda client: client.index(index=self._index, id=self.name, body=body, params=condition))
        self._seen = _condition(answer)

    def _read(self) -> dict[str, Any]:
        return engine.call(lambda client: client.get(index=self._index, id=self.name, params={"ignore": 404}))

    def _is_ours(self, found: dict[str, Any]) -> bool:
        """Whether it was our own write that was in the way: of one that took too long, the answer is not known."""
        if not found.get("found") or found["_source"]["owner"] != self.owner:
            return False
        self._seen = _condition(found)
        return True

    def _held(self, until: str) -> Held:
        return Held(f"another {self.name} is at work, or was killed less than {LEASE.seconds} s ago (until {until})")

    @property
    def _index(self) -> str:
        return config.named("leases")


@contextmanager
def held(name: str) -> Iterator[Lease]:
    """Hold the lease, and prolong it, until the context ends. Raises Held."""
    lease, ended = Lease(name), Event()
    lease.take()

    def keep() -> None:
        while not ended.wait(RENEW_SECONDS):
            lease.renew()

    thread = Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        ended.set()
        thread.join()
        lease.release()


def _condition(answer: dict[str, Any]) -> dict[str, int]:
    return {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}
