"""What choosing the quality by content does, against a constant 80: bytes, and how the largest JPEG looks.

    python -m benchmarks.image_quality

Fifteen photographs at 1080 pixels; SSIMULACRA2 against the picture before encoding.
"""

import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks import image_job, photos
from functions.media import quality

CONSTANT = 80


def main() -> None:
    table = Table(title="Quality by content against a constant 80")
    for column in ("photo", "quality", "KB", "KB at 80", "score", "score at 80"):
        table.add_column(column, justify="left" if column == "photo" else "right")
    chosen_bytes = constant_bytes = 0
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        for name, path in photos.originals().items():
            reference = image_job.reference(path, folder / "reference.png")
            level = quality.chosen(_small(reference))
            chosen, constant = (_saved(reference, folder / f"{which}.jpg", which) for which in (level, CONSTANT))
            _, scores = image_job.similarity(reference, [chosen, constant])
            sizes = [file.stat().st_size for file in (chosen, constant)]
            chosen_bytes, constant_bytes = chosen_bytes + sizes[0], constant_bytes + sizes[1]
            shown = [f"{size / 1024:.0f}" for size in sizes] + [f"{score:.1f}" for score in scores]
            table.add_row(name, str(level), *shown)
    Console(width=110).print(table)
    print(image_job.Figure("image_quality_bytes_against_constant_80", chosen_bytes / constant_bytes, "ratio", 1.0))


def _small(picture: Path) -> Image.Image:
    with Image.open(picture) as image:
        return image.resize((320, round(image.height * 320 / image.width)), Image.Resampling.LANCZOS)


def _saved(picture: Path, path: Path, level: int) -> Path:
    with Image.open(picture) as image:
        image.save(path, "JPEG", quality=level, progressive=True)
    return path


if __name__ == "__main__":
    main()
