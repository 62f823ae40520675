"""The image job in Python, one process per pipeline. Protocol and output as in `sharp/worker.mjs`.

python -m benchmarks.image_worker idle|ours|naive|reopened [WEBP_METHOD]
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Job = Callable[[Path, Path], None]
SIZES = ((1080, "w1080"), (640, "w640"), (320, "w320"), (150, "thumb"))


def idle() -> Job:
    """The interpreter's own memory."""
    return lambda _photo, _folder: None


def ours(method: str = "2") -> Job:
    from functions.media import renditions
    from functions.media.inspection import inspect
    from functions.media.photo import Photo

    renditions.WEBP_METHOD = int(method)

    def job(photo: Path, folder: Path) -> None:
        decoded = inspect(photo)
        if not isinstance(decoded, Photo):
            raise TypeError(decoded)
        renditions.render(decoded, folder)

    return job


def naive() -> Job:
    """The first thing one would write: open, turn upright, resize the full picture to every size, save."""
    from PIL import Image, ImageOps

    def job(photo: Path, folder: Path) -> None:
        with Image.open(photo) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        for size, name in SIZES:
            _save(_resized(upright, size, name), folder, name)
        _describe(upright)

    return job


def reopened() -> Job:
    """The same, as separate steps that each start from the file."""
    from PIL import Image, ImageOps

    def job(photo: Path, folder: Path) -> None:
        for size, name in SIZES:
            for form in ("jpg", "webp"):
                with Image.open(photo) as image:
                    upright = ImageOps.exif_transpose(image).convert("RGB")
                _save(_resized(upright, size, name), folder, name, (form,))
        with Image.open(photo) as image:
            _describe(ImageOps.exif_transpose(image).convert("RGB"))

    return job


def _resized(image, size: int, name: str):  # noqa: ANN001, ANN202  (Pillow is imported only where it is measured)
    from PIL import Image, ImageOps

    if name == "thumb":
        return ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    return image.resize((size, round(image.height * size / image.width)), Image.Resampling.LANCZOS)


def _save(image, folder: Path, name: str, forms: tuple[str, ...] = ("jpg", "webp")) -> None:  # noqa: ANN001
    for form in forms:
        image.save(folder / f"{name}.{form}", quality=80, **({"progressive": True} if form == "jpg" else {}))


def _describe(image) -> None:  # noqa: ANN001
    from functions.media.placeholder import dominant_color, thumbhash

    tiny = image.copy()
    tiny.thumbnail((32, 32))
    thumbhash(tiny)
    dominant_color(tiny)


def _peak() -> float:
    """MB. From the kernel's own mark: getrusage would begin at what the parent process had."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    pipeline, *options = sys.argv[1:]
    job: Job = {"idle": idle, "ours": ours, "naive": naive, "reopened": reopened}[pipeline](*options)
    for line in sys.stdin:
        task = json.loads(line)
        start = time.process_time()
        job(Path(task["photo"]), Path(task["folder"]))
        milliseconds = (time.process_time() - start) * 1000
        print(json.dumps({"milliseconds": milliseconds, "peak": _peak()}), flush=True)


if __name__ == "__main__":
    main()
