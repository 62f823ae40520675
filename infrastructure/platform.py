"""The stacks, in order of dependency."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Stack, Tags
from constructs import Construct

from infrastructure.stacks.api import ApiStack
from infrastructure.stacks.data import DataStack
from infrastructure.stacks.delivery import DeliveryStack
from infrastructure.stacks.discovery import DiscoveryStack
from infrastructure.stacks.events import EventsStack
from infrastructure.stacks.identity import IdentityStack
from infrastructure.stacks.live import LiveStack
from infrastructure.stacks.media import MediaStack
from infrastructure.stacks.observability import ObservabilityStack
from infrastructure.stacks.personal import PersonalStack
from infrastructure.stacks.replica import ReplicaStack
from infrastructure.stacks.video import VideoStack
from infrastructure.target import Target


@dataclass(frozen=True)
class Platform:
    """The stacks of one deployment."""

    data: DataStack
    identity: IdentityStack
    live: LiveStack
    media: MediaStack
    replica: ReplicaStack | None
    video: VideoStack
    delivery: DeliveryStack | None
    events: EventsStack
    discovery: DiscoveryStack
    personal: PersonalStack
    api: ApiStack
    observability: ObservabilityStack | None

    @property
    def stacks(self) -> list[Stack]:
        always = [
            *(self.data, self.identity, self.live, self.media, self.video),
            *(self.events, self.discovery, self.personal, self.api),
        ]
        return [*always, *(stack for stack in (self.replica, self.delivery, self.observability) if stack)]


def build(scope: Construct, target: Target, openapi: Path) -> Platform:
    """Declare every stack. Names are deterministic, so few references cross; the others are ordered by hand here."""

    def name(area: str) -> str:
        return target.named(area)

    data = DataStack(scope, name("data"), target=target)
    identity = IdentityStack(scope, name("identity"), target=target)
    live = LiveStack(scope, name("live"), target=target)
    replica = ReplicaStack(scope, name("replica"), target=target) if target.replica_region else None
    media = MediaStack(scope, name("media"), target=target, live=live)
    if replica:
        media.add_stack_dependency(replica)
    video = VideoStack(scope, name("video"), target=target, live=live)
    video.add_stack_dependency(media)
    delivery = DeliveryStack(scope, name("delivery"), target=target) if target.cdn else None
    if delivery:
        delivery.add_stack_dependency(identity)
        delivery.add_stack_dependency(media)
    events = EventsStack(scope, name("events"), target=target, data=data, identity=identity, live=live)
    discovery = DiscoveryStack(scope, name("discovery"), target=target)
    discovery.add_stack_dependency(events)
    personal = PersonalStack(scope, name("personal"), target=target, identity=identity)
    api = ApiStack(
        scope,
        name("api"),
        target=target,
        identity=identity,
        delivery=delivery,
        discovery=discovery,
        live=live,
        openapi=openapi,
    )
    observability = ObservabilityStack(scope, name("observability"), target=target) if target.for_production else None
    platform = Platform(
        data, identity, live, media, replica, video, delivery, events, discovery, personal, api, observability
    )
    for stack in platform.stacks:
        Tags.of(stack).add("application", target.namespace)
    return platform
