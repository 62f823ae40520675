"""Similar posts and posts nearby over HTTP: real pictures, their copies, and places that people choose."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image, ImageOps

from local.client import Client, Json, wait_until
from local.instance import ROOT

PHOTOS = ROOT / "local" / "demo" / "photos"


def picture(name: str) -> Image.Image:
    return Image.open(PHOTOS / f"{name}.jpg").convert("RGB")


def encoded(image: Image.Image, quality: int = 85) -> bytes:
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=quality)
    return jpeg.getvalue()


@dataclass(frozen=True)
class Scene:
    """Some people, and a hashtag that nobody else uses."""

    lena: Client
    max: Client
    ida: Client
    tag: str

    def post(self, author: Client, image: Image.Image, quality: int = 85, **fields: object) -> str:
        media_id = author.upload(encoded(image, quality))
        return str(author.create_post([media_id], **{"caption": f"#{self.tag}", **fields})["postId"])

    def wait_for(self, *post_ids: str) -> None:
        """Until the index knows of these."""
        wait_until(
            lambda: set(post_ids) <= {item["postId"] for item in self.ida.items("/search", type="posts", q=self.tag)},
            60,
            what="the posts in the index",
        )


@pytest.fixture
def scene(join: Callable[[str], Client]) -> Scene:
    return Scene(join("lena"), join("max"), join("ida"), f"like{time.time_ns()}")


def similar(viewer: Client, post_id: str) -> list[str]:
    return [item["postId"] for item in viewer.items(f"/posts/{post_id}/similar")]


def status(viewer: Client, post_id: str) -> int:
    return viewer.request("GET", f"/posts/{post_id}/similar").status_code


def test_similar_posts_include_crops_and_topics_but_not_all_copies(scene: Scene) -> None:
    # given a photo, three copies of it, a crop, and two other photos with the same hashtag, one of them twice
    peaks, creek, dogs = picture("peaks"), picture("creek"), picture("dogs")
    width, height = peaks.size
    original = scene.post(scene.lena, peaks)
    copies = [
        scene.post(scene.max, peaks, quality=40, caption=""),
        scene.post(scene.max, ImageOps.mirror(peaks)),
        scene.post(scene.lena, peaks.resize((width // 2, height // 2))),
    ]
    crop = scene.post(scene.max, peaks.crop((width // 40, height // 40, width - width // 40, height - height // 40)))
    others = [scene.post(scene.lena, creek), scene.post(scene.max, dogs), scene.post(scene.ida, dogs, quality=50)]
    scene.wait_for(original, *copies[1:], crop, *others)
    # when
    wait_until(lambda: len(similar(scene.ida, original)) >= 3, what="the neighbours")
    found = similar(scene.ida, original)
    # then the crop comes first, the other photos follow, the dogs once
    assert found[0] == crop
    assert not set(copies) & set(found)
    assert others[0] in found
    assert len({*others[1:]} & set(found)) == 1


def test_hidden_posts_are_not_similar_to_anything(scene: Scene) -> None:
    one, other = scene.post(scene.lena, picture("creek")), scene.post(scene.max, picture("dogs"))
    scene.wait_for(one, other)
    wait_until(lambda: other in similar(scene.ida, one), what="the other post")
    # when its author blocks the viewer
    scene.max.put(f"/users/{scene.ida.user_id}/block")
    wait_until(lambda: other not in similar(scene.ida, one), what="the block to show in the list")
    wait_until(
        lambda: status(scene.ida, other) == 404 == status(scene.ida, scene.ida.user_id), what="the block to show"
    )
    # when its author puts it away
    scene.lena.put(f"/posts/{one}/archive")
    assert status(scene.ida, one) == 404
    assert one not in similar(scene.max, other)


# --- Nearby -----------------------------------------------------------------------------------------------------------


def place(steps: float) -> Json:
    """So many hundredths of a degree (1.1 km) north of a point in the sea that no other test uses."""
    return {"name": "A boat", "lat": 31.4159 + steps / 100, "lon": -41.4213}


def near(viewer: Client, **more: float) -> list[str]:
    return [item["postId"] for item in viewer.items("/explore/nearby", lat=31.4167, lon=-41.4222, **more)]


def test_nearby_lists_posts_with_a_chosen_place_there(scene: Scene) -> None:
    # given posts here, a bit away, far away, and without a place
    dogs = picture("dogs")
    here, there, far = (scene.post(scene.lena, dogs, location=place(steps)) for steps in (0, 4, 30))
    nowhere = scene.post(scene.lena, dogs)
    scene.wait_for(here, there, far, nowhere)
    # then
    assert near(scene.max) == [here, there]
    assert near(scene.max, radiusKm=1) == [here]
    assert near(scene.max, radiusKm=50) == [here, there, far]
    assert near(scene.max, limit=1) == [here, there]
    shown = scene.max.get("/explore/nearby", lat=31.4167, lon=-41.4222)["items"][0]
    assert shown["location"] == place(0)
    # when the author takes the place back, puts a post away, or blocks
    scene.lena.patch(f"/posts/{there}", {"location": None})
    wait_until(lambda: near(scene.max) == [here], what="the place to be forgotten")
    scene.lena.put(f"/posts/{here}/archive")
    assert near(scene.max) == []
    scene.lena.put(f"/users/{scene.max.user_id}/block")
    wait_until(lambda: near(scene.max, radiusKm=50) == [], what="the block to show")
    assert near(scene.ida, radiusKm=50) == [far]
