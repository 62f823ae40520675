"""What the platform consists of: every function and event consumer, in tables that can be read at a glance.

The stacks build what stands here. `reads` and `writes` name tables (`writes` includes reading): a function may touch
these and no others. `uses` names what else it needs; the stack that builds it supplies settings and permissions.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Literal

CAPABILITIES = ("media", "accounts", "graph", "posts", "stories", "feed", "discovery")

FANOUT_QUEUE = "feed-pages"
REQUESTS_QUEUE = "graph-open-requests"


class Secret(StrEnum):
    """Names in Secrets Manager, after the namespace."""

    CURSORS = "cursor-secret"
    LOOKUP = "lookup-secret"
    MEDIA = "media-secret"


# --- Functions ------------------------------------------------------------------------------------------------------


class Use(Enum):
    """What a function may need beside tables."""

    TOKENS = auto()  # verify access tokens
    SIGNING = auto()  # sign access tokens
    CURSORS = auto()  # seal and open list cursors
    SEALING = auto()  # seal, open and look up e-mail addresses and phone numbers
    MAIL = auto()  # send e-mail
    MEDIA_URLS = auto()  # give out URLs of renditions
    UPLOAD_FORMS = auto()  # hand out presigned upload forms
    UPLOADS = auto()  # read and delete uploads
    RENDITIONS = auto()  # write originals and renditions
    ERASE_MEDIA = auto()  # delete originals and renditions
    ERASE_VERSIONS = auto()  # delete them with all former versions
    ORIGINALS = auto()  # read originals
    EXPORT_PARTS = auto()  # write parts of exports
    EXPORT_FILES = auto()  # make one file of the parts, delete both
    PERSONAL_JOBS = auto()  # ask for exports and deletions, hand out links to exports
    WORKFLOWS = auto()  # start state machines
    BUS = auto()  # publish domain events
    FANOUT = auto()  # queue pages of followers
    REQUESTS = auto()  # queue accounts whose follow requests are to be opened
    SEARCH = auto()  # query the index
    INDEXING = auto()  # write the index
    LIVE = auto()  # read live documents
    LOAD = auto()  # watch the load, and write its live document


Layer = Literal["core", "identity", "imaging", "search"]


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

    @property
    def full_name(self) -> str:
        return f"{self.capability}-{self.name}"

    @property
    def continues(self) -> bool:
        """Whether it goes on with a long work by sending itself messages."""
        return bool({Use.FANOUT, Use.REQUESTS} & {*self.uses})


def _api(
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


# What it takes to show somebody's content: who the owner is, and whether the viewer may see it.
_VISIBILITY = ("users", "follows", "blocks", "counters")

API_FUNCTIONS = (
    _api(
        "accounts",
        writes=("users", "identities", "credentials", "media", "exports"),
        uses=(Use.SIGNING, Use.SEALING, Use.BUS, Use.MEDIA_URLS, Use.PERSONAL_JOBS),
        layers=("identity",),
    ),
    _api(
        "graph",
        reads=("identities", "media"),
        writes=("users", "follows", "blocks", "counters"),
        uses=(Use.MEDIA_URLS,),
    ),
    _api("media", reads=("users",), writes=("media",), uses=(Use.MEDIA_URLS, Use.UPLOAD_FORMS)),
    _api(
        "posts",
        reads=("users", "identities", "follows", "blocks"),
        writes=("posts", "likes", "comments", "mentions", "counters", "media"),
        uses=(Use.MEDIA_URLS,),
    ),
    _api(
        "stories",
        reads=("users", "identities", "follows", "blocks"),
        writes=("stories", "story-tray", "story-views", "mentions", "counters", "media"),
        uses=(Use.MEDIA_URLS,),
    ),
    _api(
        "feed",
        reads=(*_VISIBILITY, "posts", "likes", "comments", "media"),
        writes=("feeds",),
        uses=(Use.MEDIA_URLS,),
    ),
    _api(
        "discovery",
        reads=(*_VISIBILITY, "identities", "posts", "likes", "comments", "media", "hashtags"),
        uses=(Use.MEDIA_URLS, Use.SEARCH),
    ),
)


# --- Publishers: table stream -> bus --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publisher:
    """Turns the changes of one table into domain events on the bus."""

    table: str
    function: FunctionSpec


def _publisher(capability: str, table: str) -> Publisher:
    handler = f"functions.{capability}.events.publish_{table.replace('-', '_')}"
    return Publisher(table, FunctionSpec(capability, f"publish-{table}", handler, uses=(Use.BUS,)))


PUBLISHERS = (
    _publisher("accounts", "users"),
    _publisher("accounts", "exports"),
    _publisher("graph", "follows"),
    _publisher("graph", "blocks"),
    _publisher("media", "media"),
    _publisher("posts", "posts"),
    _publisher("posts", "likes"),
    _publisher("posts", "comments"),
    _publisher("stories", "stories"),
    Publisher(
        "counters",
        FunctionSpec("kernel", "publish-counters", "heliograph.counters_stream.publish", uses=(Use.BUS,)),
    ),
)


# --- Consumers: bus -> queue -> function ----------------------------------------------------------------------------


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

    @property
    def queue_name(self) -> str:
        return self.queue or self.function.full_name


def _counters(kind: str) -> Subscription:
    return Subscription(("CounterChanged",), kind)


def _on(*events: str) -> Subscription:
    return Subscription(events)


def _consumer(
    capability: str,
    name: str,
    handler: str,
    *subscriptions: Subscription,
    queue: str = "",
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    uses: tuple[Use, ...] = (),
    layers: tuple[Layer, ...] = (),
) -> Consumer:
    function = FunctionSpec(
        capability, name, f"functions.{capability}.events.{handler}", reads, writes, uses, ("core", *layers)
    )
    return Consumer(function, subscriptions, queue)


MEDIA_READINESS = _on("MediaReady", "MediaRejected")

CONSUMERS = (
    _consumer("accounts", "materialise", "materialise", _counters("user"), reads=("counters",), writes=("users",)),
    _consumer(
        "accounts",
        "codes",
        "send_codes",
        _on("SignedUp", "ResetAsked"),
        reads=("users", "identities"),
        writes=("credentials",),
        uses=(Use.SEALING, Use.MAIL),
        layers=("identity",),
    ),
    _consumer(
        "graph",
        "open-requests",
        "open_requests",
        _on("UserChanged"),
        queue=REQUESTS_QUEUE,
        reads=("users",),
        writes=("follows", "blocks", "counters"),
        uses=(Use.REQUESTS,),
    ),
    _consumer("accounts", "start-job", "start_job", _on("ExportAsked", "DeletionAsked"), uses=(Use.WORKFLOWS,)),
    _consumer("posts", "materialise", "materialise", _counters("post"), reads=("counters",), writes=("posts",)),
    _consumer(
        "posts", "publish", "publish_ready", MEDIA_READINESS, reads=("media", "users"), writes=("posts", "counters")
    ),
    _consumer(
        "posts", "forget", "forget", _on("PostDeleted"), reads=("posts",), writes=("likes", "comments", "counters")
    ),
    _consumer("stories", "materialise", "materialise", _counters("story"), reads=("counters",), writes=("stories",)),
    _consumer(
        "stories",
        "publish",
        "publish_ready",
        MEDIA_READINESS,
        reads=("media", "users"),
        writes=("stories", "story-tray"),
    ),
    _consumer(
        "stories", "forget", "forget", _on("StoryDeleted"), reads=("stories",), writes=("story-views", "counters")
    ),
    _consumer(
        "media",
        "erase",
        "erase",
        _on("PostDeleted", "StoryDeleted", "ProfilePictureReplaced"),
        writes=("media",),
        uses=(Use.UPLOADS, Use.ERASE_MEDIA),
    ),
    _consumer(
        "feed",
        "fanout",
        "fan_out",
        _on("PostPublished", "PostDeleted"),
        reads=("users", "posts", "follows", "blocks", "counters"),
        writes=("feeds",),
        uses=(Use.FANOUT,),
    ),
    _consumer(
        "feed",
        "fanout-page",
        "fan_out_page",
        queue=FANOUT_QUEUE,
        reads=("users", "posts", "follows", "blocks", "counters"),
        writes=("feeds",),
        uses=(Use.FANOUT,),
    ),
    _consumer(
        "feed",
        "ties",
        "settle_tie",
        _on("Followed", "Unfollowed"),
        reads=("follows", "posts"),
        writes=("feeds",),
    ),
)

INDEXERS = (
    _consumer(
        "discovery",
        "index",
        "index",
        _on("UserChanged", "UserDeleted", "PostPublished", "PostChanged", "PostDeleted"),
        _counters("hashtag"),
        reads=("users", "posts", "counters", "hashtags", "media"),
        uses=(Use.INDEXING,),
        layers=("search",),
    ),
    _consumer(
        "discovery",
        "hashtags",
        "count_hashtags",
        _on("PostPublished", "PostChanged", "PostDeleted"),
        reads=("posts",),
        writes=("hashtags", "counters"),
    ),
)

# Fed by S3 itself. One vCPU comes with 1,769 MB; the two largest encodes run side by side, hence two.
RESIZER = Consumer(
    FunctionSpec(
        "media",
        "resize",
        "functions.media.events.resize",
        writes=("media",),
        uses=(Use.UPLOADS, Use.RENDITIONS),
        layers=("core", "imaging"),
        memory_mb=3538,
        timeout_seconds=60,
    ),
    queue="media-uploads",
    batch_size=1,
)


# --- Functions that state machines call: see workflows.py -----------------------------------------------------------


def _personal(
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


def _step(name: str, *, writes: tuple[str, ...]) -> FunctionSpec:
    return FunctionSpec("accounts", name, f"functions.accounts.events.{name.replace('-', '_')}", writes=writes)


WORKFLOW_FUNCTIONS = (
    _step("begin-erasure", writes=("users", "erasures")),
    _step("report-erasure", writes=("erasures",)),
    _step("fail-export", writes=("exports",)),
    # The zip is made on its disk, and memory brings the network along.
    FunctionSpec(
        "accounts",
        "pack-export",
        "functions.accounts.events.pack_export",
        writes=("exports",),
        uses=(Use.EXPORT_FILES, Use.ORIGINALS),
        memory_mb=1769,
        timeout_seconds=900,
        disk_mb=10_240,
    ),
    _personal(
        "accounts",
        writes=("users", "identities", "credentials", "counters", "exports", "limits"),
        uses=(Use.EXPORT_FILES, Use.SEALING),
        layers=("identity",),
    ),
    _personal("media", writes=("media",), uses=(Use.UPLOADS, Use.ERASE_VERSIONS)),
    _personal("graph", reads=("users",), writes=("follows", "blocks", "counters", "limits")),
    _personal(
        "posts",
        reads=("users", "follows", "blocks"),
        writes=("posts", "likes", "comments", "mentions", "counters"),
    ),
    _personal("stories", reads=("users",), writes=("stories", "story-tray", "story-views", "mentions", "counters")),
    _personal("feed", writes=("feeds",)),
)


ALL_CONSUMERS = (*CONSUMERS, *INDEXERS, RESIZER)


# --- Schedules ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Schedule:
    """A function that runs by the clock. `every`: an EventBridge rate, such as `1 minute`."""

    function: FunctionSpec
    every: str


SCHEDULES = (
    Schedule(
        FunctionSpec("kernel", "load", "heliograph.load_schedule.adapt", uses=(Use.LIVE, Use.LOAD), memory_mb=256),
        every="1 minute",
    ),
)


ALL_FUNCTIONS = (
    *API_FUNCTIONS,
    *(publisher.function for publisher in PUBLISHERS),
    *(consumer.function for consumer in ALL_CONSUMERS),
    *(schedule.function for schedule in SCHEDULES),
    *WORKFLOW_FUNCTIONS,
)
