"""The image job in Python, one process per pipeline. Protocol and output as in `sharp/worker.mjs`.

python -m benchmarks.image_worker idle|ours|naive|reopened|vips|thumbor [WEBP_METHOD | QUALITY]
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


def naive(quality: str = "80") -> Job:
    """The first thing one would write: open, turn upright, resize the full picture to every size, save."""
    from PIL import Image, ImageOps

    def job(photo: Path, folder: Path) -> None:
        with Image.open(photo) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        for size, name in SIZES:
            _save(_resized(upright, size, name), folder, name, quality=int(quality))
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


def vips() -> Job:
    """Libvips from Python: shrink on load, then each rendition from the one before."""
    import pyvips  # pyright: ignore[reportMissingImports]  (not in our environment)
    from PIL import Image

    def job(photo: Path, folder: Path) -> None:
        picture = pyvips.Image.thumbnail(str(photo), 1080).copy_memory()
        for size, name in SIZES:
            crop = {"height": size, "crop": "centre"} if name == "thumb" else {}
            picture = picture.thumbnail_image(size, **crop).copy_memory()
            picture.webpsave(str(folder / f"{name}.webp"), Q=80, effort=4, strip=True)
            picture.jpegsave(str(folder / f"{name}.jpg"), Q=80, interlace=True, strip=True)
        tiny = picture.thumbnail_image(32)
        _describe(Image.frombytes("RGB", (tiny.width, tiny.height), tiny.write_to_memory()))

    return job


def thumbor() -> Job:
    """Thumbor's Pillow engine, as one request for each rendition would use it, without HTTP."""
    from thumbor.config import Config  # pyright: ignore[reportMissingImports]
    from thumbor.context import Context  # pyright: ignore[reportMissingImports]
    from thumbor.engines.pil import Engine  # pyright: ignore[reportMissingImports]

    context = Context(config=Config(PROGRESSIVE_JPEG=True))

    def job(photo: Path, folder: Path) -> None:
        content, engine = photo.read_bytes(), Engine(context)
        for size, name in SIZES:
            for form in ("jpg", "webp"):
                engine = Engine(context)
                engine.load(content, ".jpg")
                width, height = engine.size
                if name == "thumb":
                    scale = size / min(width, height)
                    engine.resize(round(width * scale), round(height * scale))
                    left, top = (round((side * scale - size) / 2) for side in (width, height))
                    engine.crop(left, top, left + size, top + size)
                else:
                    engine.resize(size, round(height * size / width))
                (folder / f"{name}.{form}").write_bytes(engine.read(f".{form}", quality=80))
        _describe(engine.image)

    return job


def _resized(image, size: int, name: str):  # noqa: ANN001, ANN202  (Pillow is imported only where it is measured)
    from PIL import Image, ImageOps

    if name == "thumb":
        return ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    return image.resize((size, round(image.height * size / image.width)), Image.Resampling.LANCZOS)


def _save(image, folder: Path, name: str, forms: tuple[str, ...] = ("jpg", "webp"), quality: int = 80) -> None:  # noqa: ANN001
    for form in forms:
        image.save(folder / f"{name}.{form}", quality=quality, **({"progressive": True} if form == "jpg" else {}))


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
    jobs = {"idle": idle, "ours": ours, "naive": naive, "reopened": reopened, "vips": vips, "thumbor": thumbor}
    job: Job = jobs[pipeline](*options)
    for line in sys.stdin:
        task = json.loads(line)
        start = time.process_time()
        job(Path(task["photo"]), Path(task["folder"]))
        milliseconds = (time.process_time() - start) * 1000
        since_start = time.process_time() * 1000
        print(json.dumps({"milliseconds": milliseconds, "since_start": since_start, "peak": _peak()}), flush=True)


if __name__ == "__main__":
    main()
