"""How functions, and what feeds them, are described: the words of `catalogue`.

`reads` and `writes` name tables (`writes` includes reading): a function may touch these and no others. `uses` names
what else it needs; the stack that builds it supplies settings and permissions.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Literal


class Secret(StrEnum):
    """Names in Secrets Manager, after the namespace."""

    CURSORS = "cursor-secret"
    LOOKUP = "lookup-secret"
    MEDIA = "media-secret"


class Use(Enum):
    """What a function may need beside tables."""

    TOKENS = auto()  # verify access tokens
    SIGNING = auto()  # sign access tokens
    CURSORS = auto()  # seal and open list cursors
    SEALING = auto()  # seal, open and look up e-mail addresses and phone numbers
    MAIL = auto()  # send e-mail
    MEDIA_URLS = auto()  # give out URLs of renditions
    PHOTO_QUEUES = auto()  # queue uploaded photos
    UPLOAD_FORMS = auto()  # hand out presigned upload forms
    UPLOADS = auto()  # read and delete uploads
    RENDITIONS = auto()  # write originals and renditions
    RERENDER = auto()  # make renditions anew from originals, put away the former ones
    ERASE_MEDIA = auto()  # delete originals and renditions
    ERASE_VERSIONS = auto()  # delete them with all former versions
    ORIGINALS = auto()  # read originals
    EXPORT_PARTS = auto()  # write parts of exports
    EXPORT_FILES = auto()  # make one file of the parts, delete both
    PERSONAL_JOBS = auto()  # ask for exports and deletions, hand out links to exports
    WORKFLOWS = auto()  # start state machines
    VIDEO_MACHINE = auto()  # start the work on a video
    BUS = auto()  # publish domain events
    FANOUT = auto()  # queue pages of followers
    RANKING = auto()  # read the weights of the ranked feed
    EXPLORE = auto()  # read the weights of explore
    FEED = auto()  # read how feeds are made
    REQUESTS = auto()  # queue accounts whose follow requests are to be opened
    OWN_QUEUE = auto()  # send messages back to the queue it drains
    SEARCH = auto()  # query the index
    INDEXING = auto()  # write the index
    LIVE = auto()  # read live documents
    SCANNING = auto()  # learn whether an upload is malicious
    MODERATION = auto()  # have a picture judged
    LOAD = auto()  # watch the load, and write its live document


Layer = Literal["core", "identity", "imaging", "moderation", "search", "video"]


@dataclass(frozen=True)
class FunctionSpec:
    """One Lambda function, `<namespace>-<capability>-<name>`."""

    capability: str
    name: str
    handler: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    layers: tuple[Layer, ...] = ("core",)
    memory_mb: int = 512
    timeout_seconds: int = 30
    disk_mb: int = 512
    # No queue waits for it, so a local cloud need not cut its time short.
    patient: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.capability}-{self.name}"

    @property
    def continues(self) -> bool:
        """Whether it sends itself messages: to go on with a long work, or to wait for an outage to end."""
        return bool({Use.FANOUT, Use.REQUESTS, Use.OWN_QUEUE} & {*self.uses})


def api(
    capability: str,
    *,
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    uses: tuple[Use, ...] = (),
    layers: tuple[Layer, ...] = (),
) -> FunctionSpec:
    return FunctionSpec(
        capability,
        "api",
        f"functions.{capability}.api.handler",
        reads,
        (*writes, "idempotency", "limits"),
        (Use.TOKENS, Use.CURSORS, Use.LIVE, *uses),
        ("core", *layers),
        memory_mb=1024,
        timeout_seconds=20,
    )


@dataclass(frozen=True)
class Publisher:
    """Turns the changes of one table into domain events on the bus."""

    table: str
    function: FunctionSpec


def publisher(capability: str, table: str) -> Publisher:
    handler = f"functions.{capability}.events.publish_{table.replace('-', '_')}"
    return Publisher(table, FunctionSpec(capability, f"publish-{table}", handler, uses=(Use.BUS,)))


@dataclass(frozen=True)
class Subscription:
    """Events by name; `kind` narrows CounterChanged to one kind of entity."""

    events: tuple[str, ...]
    kind: str | None = None


@dataclass(frozen=True)
class Consumer:
    """A queue with its dead-letter queue, and the function that drains it. No subscription: it is sent to directly."""

    function: FunctionSpec
    subscriptions: tuple[Subscription, ...] = ()
    queue: str = ""
    batch_size: int = 10
    # How many run at once at most; None: as many as the account has.
    concurrency: int | None = None

    @property
    def queue_name(self) -> str:
        return self.queue or self.function.full_name


def counters(kind: str) -> Subscription:
    return Subscription(("CounterChanged",), kind)


def on(*events: str) -> Subscription:
    return Subscription(events)


def consumer(
    capability: str,
    name: str,
    handler: str,
    *subscriptions: Subscription,
    room: str = "events",
    queue: str = "",
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    uses: tuple[Use, ...] = (),
    layers: tuple[Layer, ...] = (),
) -> Consumer:
    function = FunctionSpec(
        capability, name, f"functions.{capability}.{room}.{handler}", reads, writes, uses, ("core", *layers)
    )
    return Consumer(function, subscriptions, queue)


@dataclass(frozen=True)
class Schedule:
    """A function that runs by the clock. `every`: an EventBridge rate, such as `1 minute`."""

    function: FunctionSpec
    every: str


def personal(
    capability: str,
    *,
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    uses: tuple[Use, ...] = (),
    layers: tuple[Layer, ...] = (),
) -> FunctionSpec:
    """What a capability knows of one person: section by section to export, and to erase."""
    return FunctionSpec(
        capability,
        "personal",
        f"functions.{capability}.personal.handler",
        reads,
        writes,
        (Use.EXPORT_PARTS, *uses),
        ("core", *layers),
        memory_mb=1024,
        timeout_seconds=300,
    )


def step(name: str, *, writes: tuple[str, ...]) -> FunctionSpec:
    return FunctionSpec("accounts", name, f"functions.accounts.events.{name.replace('-', '_')}", writes=writes)


def video_step(
    name: str,
    *,
    writes: tuple[str, ...] = (),
    uses: tuple[Use, ...] = (),
    layers: tuple[Layer, ...] = ("core", "video"),
    memory_mb: int = 3538,
) -> FunctionSpec:
    """A step of the video workflow. It works on a copy of the upload, on its disk."""
    return FunctionSpec(
        "media",
        f"video-{name}",
        f"functions.media.video.steps.{name}",
        writes=writes,
        uses=uses,
        layers=layers,
        memory_mb=memory_mb,
        timeout_seconds=900,
        disk_mb=2048,
        patient=True,
    )
