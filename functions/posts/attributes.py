"""How the small values that posts and stories share are kept in a table."""

from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, NUMBER, STRING

from functions.posts.model import Location, Mention


class TextsAttribute(Attribute[tuple[str, ...]]):
    """A list of strings, in order."""

    attr_type = LIST

    def serialize(self, value: tuple[str, ...]) -> list[dict[str, str]]:
        return [{STRING: text} for text in value]

    def deserialize(self, value: list[dict[str, str]]) -> tuple[str, ...]:
        return tuple(item[STRING] for item in value)


class LocationAttribute(Attribute[Location]):
    """`{name, lat, lon}`, degrees."""

    attr_type = MAP

    def serialize(self, value: Location) -> dict[str, dict[str, str]]:
        return {"name": {STRING: value.name}, "lat": {NUMBER: repr(value.lat)}, "lon": {NUMBER: repr(value.lon)}}

    def deserialize(self, value: dict[str, dict[str, str]]) -> Location:
        return Location(value["name"][STRING], float(value["lat"][NUMBER]), float(value["lon"][NUMBER]))


class MentionsAttribute(Attribute[tuple[Mention, ...]]):
    """A list of `{userId, username}`, in order."""

    attr_type = LIST

    def serialize(self, value: tuple[Mention, ...]) -> list[dict[str, Any]]:
        return [{MAP: {"userId": {STRING: one.user_id}, "username": {STRING: one.username}}} for one in value]

    def deserialize(self, value: list[dict[str, Any]]) -> tuple[Mention, ...]:
        return tuple(Mention(one[MAP]["userId"][STRING], one[MAP]["username"][STRING]) for one in value)
