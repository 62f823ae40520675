"""How requests of the feed look."""

from typing import Annotated

from pydantic import Field, StringConstraints

from heliograph import ids
from heliograph.events import View
from heliograph.http import Body

MAX_VIEWS = 100
MAX_MILLISECONDS = 600_000


class ViewInput(Body):
    """A post that was on the screen, and for how long in all."""

    post_id: Annotated[str, StringConstraints(pattern=f"^{ids.FORM.pattern}$")]
    milliseconds: Annotated[int, Field(ge=0, le=MAX_MILLISECONDS)]


class ViewsInput(Body):
    views: Annotated[list[ViewInput], Field(min_length=1, max_length=MAX_VIEWS)]

    def merged(self) -> list[View]:
        """Each post once, with its longest look."""
        longest: dict[str, int] = {}
        for view in self.views:
            longest[view.post_id] = max(view.milliseconds, longest.get(view.post_id, 0))
        return [View(post_id=post_id, milliseconds=look) for post_id, look in longest.items()]
