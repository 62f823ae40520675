"""What the platform consists of: every function and event consumer, in tables that can be read at a glance.

The stacks build what stands here; `specs` says what the words mean.
"""

from infrastructure.specs import (
    Consumer,
    FunctionSpec,
    Publisher,
    Schedule,
    Use,
    api,
    consumer,
    counters,
    on,
    personal,
    publisher,
    step,
    video_step,
)  # fmt: skip

CAPABILITIES = ("media", "accounts", "graph", "posts", "stories", "feed", "discovery")

FANOUT_QUEUE = "feed-pages"
FANOUT_MANY_QUEUE = "feed-pages-many"
REQUESTS_QUEUE = "graph-open-requests"
PHOTOS_QUEUE = "media-photos"
FIRST_QUEUE = "media-photos-first"


# --- Functions ------------------------------------------------------------------------------------------------------


# What it takes to show somebody's content: who the owner is, and whether the viewer may see it.
_VISIBILITY = ("users", "follows", "blocks", "counters")

API_FUNCTIONS = (
    api(
        "accounts",
        writes=("users", "identities", "credentials", "media", "exports"),
        uses=(Use.SIGNING, Use.SEALING, Use.BUS, Use.MEDIA_URLS, Use.PERSONAL_JOBS),
        layers=("identity",),
    ),
    api(
        "graph",
        reads=("identities", "media"),
        writes=("users", "follows", "blocks", "counters"),
        uses=(Use.MEDIA_URLS,),
    ),
    api("media", reads=("users",), writes=("media",), uses=(Use.MEDIA_URLS, Use.UPLOAD_FORMS)),
    api(
        "posts",
        reads=("users", "identities", "follows", "blocks"),
        writes=("posts", "likes", "saves", "comments", "comment-likes", "mentions", "counters", "media"),
        uses=(Use.MEDIA_URLS,),
    ),
    api(
        "stories",
        reads=("users", "identities", "follows", "blocks"),
        writes=("stories", "story-tray", "story-views", "mentions", "counters", "media"),
        uses=(Use.MEDIA_URLS,),
    ),
    api(
        "feed",
        reads=(*_VISIBILITY, "posts", "likes", "saves", "comments", "media", "encounters", "feed-authors"),
        writes=("feeds", "feed-readers"),
        uses=(Use.MEDIA_URLS, Use.BUS, Use.FEED, Use.RANKING),
    ),
    api(
        "discovery",
        reads=(
            *(*_VISIBILITY, "identities", "posts", "likes", "saves", "comments", "media", "hashtags"),
            *("encounters", "feed-authors", "tastes", "trends", "usernames"),
        ),
        writes=("explore-sessions", "dismissals"),
        uses=(Use.MEDIA_URLS, Use.SEARCH, Use.EXPLORE, Use.RANKING),
    ),
)


# --- Publishers: table stream -> bus --------------------------------------------------------------------------------


PUBLISHERS = (
    publisher("accounts", "users"),
    publisher("accounts", "exports"),
    publisher("graph", "follows"),
    publisher("graph", "blocks"),
    publisher("media", "media"),
    publisher("posts", "posts"),
    publisher("posts", "likes"),
    publisher("posts", "comments"),
    publisher("posts", "comment-likes"),
    publisher("stories", "stories"),
    Publisher(
        "counters",
        FunctionSpec("kernel", "publish-counters", "heliograph.counters_stream.publish", uses=(Use.BUS,)),
    ),
)


# --- Consumers: bus -> queue -> function ----------------------------------------------------------------------------


_FEEDS = ("feeds", "feed-readers", "feed-authors")


def _fanout_page(name: str, queue: str, concurrency: int | None = None) -> Consumer:
    """The same work in two lanes, so that authors with many followers hold up none with few."""
    function = FunctionSpec(
        "feed",
        name,
        "functions.feed.events.fan_out_page",
        reads=("posts", "follows"),
        writes=_FEEDS,
        uses=(Use.FANOUT,),
        timeout_seconds=60,
    )
    return Consumer(function, queue=queue, batch_size=2, concurrency=concurrency)


MEDIA_READINESS = on("MediaReady", "MediaRejected")

# As much memory as RESIZER has: it does the same to a photo.
RENDERER = Consumer(
    FunctionSpec(
        "media",
        "render",
        "functions.media.events.render",
        writes=("media",),
        uses=(Use.UPLOADS, Use.RERENDER, Use.ERASE_MEDIA),
        layers=("core", "imaging"),
        memory_mb=3538,
        timeout_seconds=60,
    ),
    (on("MediaEdited"),),
    batch_size=1,
    concurrency=200,
)

CONSUMERS = (
    consumer("accounts", "materialise", "materialise", counters("user"), reads=("counters",), writes=("users",)),
    consumer(
        "accounts",
        "codes",
        "send_codes",
        on("SignedUp", "ResetAsked"),
        reads=("users", "identities"),
        writes=("credentials",),
        uses=(Use.SEALING, Use.MAIL),
        layers=("identity",),
    ),
    consumer(
        "graph",
        "open-requests",
        "open_requests",
        on("UserChanged"),
        queue=REQUESTS_QUEUE,
        reads=("users",),
        writes=("follows", "blocks", "counters"),
        uses=(Use.REQUESTS,),
    ),
    consumer("accounts", "start-job", "start_job", on("ExportAsked", "DeletionAsked"), uses=(Use.WORKFLOWS,)),
    consumer(
        "posts",
        "materialise",
        "materialise",
        counters("post"),
        counters("comment"),
        reads=("counters",),
        writes=("posts", "comments"),
    ),
    consumer(
        "posts", "publish", "publish_ready", MEDIA_READINESS, reads=("media", "users"), writes=("posts", "counters")
    ),
    consumer(
        "posts",
        "forget",
        "forget",
        on("PostDeleted", "CommentDeleted"),
        reads=("posts",),
        writes=("likes", "saves", "comments", "comment-likes", "mentions", "counters"),
    ),
    consumer("stories", "materialise", "materialise", counters("story"), reads=("counters",), writes=("stories",)),
    consumer(
        "stories",
        "publish",
        "publish_ready",
        MEDIA_READINESS,
        reads=("media", "users"),
        writes=("stories", "story-tray"),
    ),
    consumer("stories", "forget", "forget", on("StoryDeleted"), reads=("stories",), writes=("story-views", "counters")),
    RENDERER,
    consumer(
        "media",
        "erase",
        "erase",
        on("PostDeleted", "StoryDeleted", "ProfilePictureReplaced", "MediaForgotten"),
        writes=("media", "fingerprints"),
        uses=(Use.UPLOADS, Use.ERASE_MEDIA),
    ),
    consumer(
        "feed",
        "fanout",
        "fan_out",
        on("PostPublished", "PostChanged", "PostDeleted"),
        reads=("users", "posts", "follows"),
        writes=_FEEDS,
        uses=(Use.FANOUT, Use.FEED),
    ),
    _fanout_page("fanout-page", FANOUT_QUEUE),
    _fanout_page("fanout-page-many", FANOUT_MANY_QUEUE, concurrency=100),
    consumer(
        "feed",
        "ties",
        "settle_tie",
        on("Followed", "Unfollowed", "PostNotificationsSwitched"),
        reads=("follows", "posts"),
        writes=_FEEDS,
    ),
    consumer(
        "feed",
        "attention",
        "take_attention",
        on("PostLiked", "CommentAdded", "PostsViewed", "ProfilesVisited"),
        reads=("users", "follows", "posts"),
        writes=("encounters",),
    ),
)

INDEXERS = (
    consumer(
        "discovery",
        "index",
        "index",
        on("UserChanged", "UserDeleted", "AuthorChanged"),
        on("PostPublished", "PostChanged", "PostDeleted", "PopularityChanged"),
        counters("hashtag"),
        counters("place"),
        room="index_events",
        reads=("users", "posts", "media", "counters", "hashtags"),
        uses=(Use.INDEXING, Use.OWN_QUEUE),
        layers=("search",),
    ),
    consumer(
        "discovery",
        "authors",
        "settle_author",
        on("AuthorChanged"),
        room="index_events",
        reads=("users", "posts", "media"),
        writes=("hashtags", "label-activity", "counters"),
        uses=(Use.INDEXING, Use.OWN_QUEUE),
        layers=("search",),
    ),
    consumer(
        "discovery",
        "labels",
        "settle_labels",
        on("PostPublished", "PostChanged", "PostDeleted"),
        reads=("posts", "users"),
        writes=("hashtags", "label-activity", "counters"),
    ),
    consumer(
        "discovery",
        "usernames",
        "keep_usernames",
        on("UserChanged", "UserDeleted"),
        reads=("users",),
        writes=("usernames",),
    ),
    consumer(
        "discovery",
        "tastes",
        "take_tastes",
        on("PostLiked", "CommentAdded", "PostsViewed"),
        reads=("users", "follows", "posts"),
        writes=("tastes",),
    ),
)

# Fed by S3 itself.
DISPATCHER = Consumer(
    FunctionSpec(
        "media", "dispatch", "functions.media.events.dispatch", reads=("media", "counters"), uses=(Use.PHOTO_QUEUES,)
    ),
    queue="media-uploads",
)


def _resizer(name: str, queue: str, concurrency: int) -> Consumer:
    """One vCPU comes with 1,769 MB; the two largest encodes run side by side, hence two."""
    function = FunctionSpec(
        "media",
        name,
        "functions.media.events.resize",
        writes=("media", "fingerprints"),
        uses=(
            *(Use.UPLOADS, Use.RENDITIONS, Use.ERASE_MEDIA),
            *(Use.SCANNING, Use.MODERATION, Use.LIVE, Use.VIDEO_MACHINE),
        ),
        layers=("core", "imaging"),
        memory_mb=3538,
        timeout_seconds=60,
    )
    return Consumer(function, queue=queue, batch_size=1, concurrency=concurrency)


# The same work in two lanes, so that neither holds up the other. The limits leave room for other functions: at half a
# second each, 1,200 photos a second.
RESIZERS = (_resizer("resize", PHOTOS_QUEUE, 500), _resizer("resize-first", FIRST_QUEUE, 100))

# Asked by others, where Rekognition is not. The model runs in one thread.
MODERATOR = FunctionSpec(
    "media",
    "moderate",
    "functions.media.judging.handler",
    layers=("core", "moderation"),
    memory_mb=1769,
)


# --- Functions that state machines call: see workflows.py -----------------------------------------------------------


WORKFLOW_FUNCTIONS = (
    step("begin-erasure", writes=("users", "erasures")),
    step("report-erasure", writes=("erasures",)),
    step("fail-export", writes=("exports",)),
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
    personal(
        "accounts",
        writes=("users", "identities", "credentials", "counters", "exports", "limits"),
        uses=(Use.EXPORT_FILES, Use.SEALING),
        layers=("identity",),
    ),
    personal("media", writes=("media", "fingerprints"), uses=(Use.UPLOADS, Use.ERASE_VERSIONS)),
    personal("graph", reads=("users",), writes=("follows", "blocks", "counters", "limits")),
    personal(
        "posts",
        reads=("users", "follows", "blocks"),
        writes=("posts", "likes", "saves", "comments", "comment-likes", "mentions", "counters", "limits"),
    ),
    personal("stories", reads=("users",), writes=("stories", "story-tray", "story-views", "mentions", "counters")),
    personal("feed", writes=(*_FEEDS, "encounters")),
    personal("discovery", writes=("tastes", "explore-sessions", "dismissals", "usernames")),
)


# --- Videos: S3 -> the default bus -> queue -> state machine: see video_workflow.py ---------------------------------


VIDEO_STARTER = Consumer(
    FunctionSpec("media", "start-video", "functions.media.events.start_video", uses=(Use.VIDEO_MACHINE,)),
    queue="media-videos",
)

_WORK = (Use.UPLOADS, Use.RENDITIONS)
VIDEO_STEPS = (
    video_step("probe", writes=("media",), uses=(Use.UPLOADS,)),
    video_step("scan", uses=(Use.UPLOADS, Use.SCANNING)),
    video_step("moderate", writes=("media",), uses=(Use.UPLOADS, Use.MODERATION, Use.LIVE)),
    video_step("plan", uses=(Use.UPLOADS,)),
    # One vCPU comes with 1,769 MB; the encoders of all rungs run side by side.
    video_step("pictures", uses=_WORK, memory_mb=7076),
    video_step("sound", uses=_WORK),
    video_step("still", uses=_WORK),
    # The poster as a photo: with the imaging library, and without ffmpeg, as both would be too large together.
    video_step("picture", writes=("media", "fingerprints"), uses=(Use.RENDITIONS,), layers=("core", "imaging")),
    video_step("package", uses=(Use.RENDITIONS,), layers=("core",)),
    video_step("finish", writes=("media", "fingerprints"), uses=(*_WORK, Use.ERASE_MEDIA), layers=("core",)),
    video_step("reject", writes=("media",), uses=(Use.UPLOADS, Use.ERASE_MEDIA), layers=("core",)),
)


ALL_CONSUMERS = (*CONSUMERS, *INDEXERS, DISPATCHER, *RESIZERS, VIDEO_STARTER)


# --- Schedules ------------------------------------------------------------------------------------------------------


SCHEDULES = (
    Schedule(
        FunctionSpec("kernel", "load", "heliograph.load_schedule.adapt", uses=(Use.LIVE, Use.LOAD), memory_mb=256),
        every="1 minute",
    ),
    Schedule(
        FunctionSpec(
            "kernel",
            "fold-counters",
            "heliograph.counters_folding.handler",
            writes=("counters",),
            timeout_seconds=900,
            patient=True,
        ),
        every="1 hour",
    ),
    Schedule(
        FunctionSpec(
            "media",
            "sweep",
            "functions.media.sweeping.handler",
            reads=("media",),
            uses=(Use.ERASE_MEDIA,),
            timeout_seconds=300,
        ),
        every="5 minutes",
    ),
    Schedule(
        FunctionSpec(
            "discovery",
            "trending",
            "functions.discovery.trending_schedule.compute",
            reads=("hashtags", "posts", "counters", "label-activity"),
            writes=("label-baselines", "trends"),
            memory_mb=1769,
            timeout_seconds=55,
        ),
        every="1 minute",
    ),
)


ALL_FUNCTIONS = (
    *API_FUNCTIONS,
    *(publisher.function for publisher in PUBLISHERS),
    *(consumer.function for consumer in ALL_CONSUMERS),
    *(schedule.function for schedule in SCHEDULES),
    *WORKFLOW_FUNCTIONS,
    MODERATOR,
    *VIDEO_STEPS,
)
