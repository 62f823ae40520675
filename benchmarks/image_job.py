"""The image job, ours against others: a 12-megapixel JPEG to eight files, placeholder, dominant colour, dimensions.

    python -m benchmarks.image_job [--rounds 9]

One core for everybody, each pipeline warm in a process of its own, real photographs, all pipelines in turn in every
round; figures are means over the photos of the medians of the rounds. Time is processor time of all threads, so that a
busy machine does not blur it; milliseconds depend on the machine, ratios hardly. Cold is from the start of a process to
the end of its first job. Memory is the peak of a process that has done the job six times. Others encode at a quality of
80, ours at what it chooses for each photo (80 in the mean); the quality of the largest JPEG, against a resize computed
in floating point, is compared with that of the naive path at the very same setting.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import photos

ROOT = Path(__file__).parents[1]
SHARP = ROOT / "benchmarks" / "sharp"
NODE = ("node", str(SHARP / "worker.mjs"))
UV = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def _beside(*packages: str) -> tuple[str, ...]:
    """A Python with these packages, in an environment of its own."""
    wanted = (option for package in packages for option in ("--with", package))
    return (UV or "uv", "run", "--quiet", "--no-project", "--python", sys.executable, *wanted, "python")


WORKER = ("-m", "benchmarks.image_worker")
VIPS = _beside("pyvips-binary==8.18.7", "pyvips==3.1.1", "pillow==13.0.0")
PIPELINES = {
    "ours": (sys.executable, *WORKER, "ours"),
    "ours, WebP method 4": (sys.executable, *WORKER, "ours", "4"),
    "sharp, cascade, effort 2": (*NODE, "cascade", "2"),
    "sharp, cascade, effort 4": (*NODE, "cascade", "4"),
    "sharp, once per rendition, effort 2": (*NODE, "once", "2"),
    "sharp, once per rendition, effort 4": (*NODE, "once", "4"),
    "pyvips, cascade, effort 4": (
        *_beside("pyvips-binary==8.18.7", "pyvips==3.1.1", "pillow==13.0.0"),
        *WORKER,
        "vips",
    ),
    "thumbor's engine, effort 4": (*_beside("thumbor==7.8.0"), *WORKER, "thumbor"),
    "naive Pillow, one decode": (sys.executable, *WORKER, "naive"),
    "naive Pillow, reopened": (sys.executable, *WORKER, "reopened"),
}
SIMILARITY = _beside("ssimulacra2==0.3.0", "pillow==13.0.0")


class Worker:
    """One pipeline in a process of its own, on the core of this process."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, photo: Path, folder: Path) -> dict[str, float]:
        """Do the job once: `milliseconds` of processor time, and `peak` memory of the process so far in MB."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the worker was started without pipes")
        stdin.write(json.dumps({"photo": str(photo), "folder": str(folder)}) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@dataclass(frozen=True)
class Figure:
    """One claim: `value` must be at most `target`."""

    name: str
    value: float
    unit: str
    target: float

    def __str__(self) -> str:
        return f"{self.name} {self.value:.3f} {self.unit} <={self.target}"


def times(rounds: int, folder: Path) -> dict[str, float]:
    """Processor time per photo and pipeline in milliseconds: medians over the rounds, averaged over the photos."""
    pictures = list(photos.camera_photos().values())
    workers = {name: Worker(command) for name, command in PIPELINES.items()}
    for worker in workers.values():
        worker.run(pictures[0], folder)
    taken: dict[str, list[list[float]]] = {name: [[] for _ in pictures] for name in workers}
    for _ in track(range(rounds), "Measuring", transient=True, console=Console(stderr=True)):
        for place, picture in enumerate(pictures):
            for name, worker in workers.items():
                taken[name][place].append(worker.run(picture, folder)["milliseconds"])
    for worker in workers.values():
        worker.close()
    return {name: statistics.mean(statistics.median(values) for values in series) for name, series in taken.items()}


@dataclass(frozen=True)
class Fresh:
    """New processes, medians of three: processor time from start to the end of the first job, in milliseconds, and peak
    memory after six jobs, in MB.
    """

    cold: float
    peak: float


def fresh(command: tuple[str, ...], picture: Path, folder: Path) -> Fresh:
    """Do the job in processes that begin with it."""
    colds: list[float] = []
    peaks: list[float] = []
    for _ in range(3):
        worker = Worker(command)
        answers = [worker.run(picture, folder) for _ in range(6)]
        worker.close()
        colds.append(answers[0]["since_start"])
        peaks.append(answers[-1]["peak"])
    return Fresh(statistics.median(colds), statistics.median(peaks))


def quality(folder: Path) -> tuple[str, dict[str, float]]:
    """The measure's name, and the score of our largest JPEG and the naive one's: means over the photos."""
    scores: dict[str, list[float]] = {"ours": [], "naive Pillow, one decode": []}
    measure = "SSIMULACRA2"
    for picture in photos.camera_photos().values():
        original = reference(picture, folder / "reference.png")
        level = {"ours": (), "naive Pillow, one decode": (_level(picture),)}
        candidates: list[Path] = []
        for name in scores:
            worker = Worker((*PIPELINES[name], *level[name]))
            worker.run(picture, folder)
            worker.close()
            candidates.append((folder / "w1080.jpg").rename(folder / f"{len(candidates)}.jpg"))
        measure, values = similarity(original, candidates)
        for name, value in zip(scores, values, strict=True):
            scores[name].append(value)
    return measure, {name: statistics.mean(values) for name, values in scores.items()}


def _level(picture: Path) -> str:
    """The quality that ours chooses for this photo."""
    from functions.media import quality as chooser
    from functions.media import renditions
    from functions.media.edits import NONE
    from functions.media.inspection import inspect
    from functions.media.photo import WIDTHS, Photo

    photo = inspect(picture)
    if not isinstance(photo, Photo):
        raise TypeError(photo)
    smallest = renditions.largest(photo, NONE)
    for width in WIDTHS[1:]:
        smallest = smallest.resize((width, round(photo.height * width / photo.width)), Image.Resampling.LANCZOS)
    return str(chooser.chosen(smallest))


def reference(picture: Path, path: Path) -> Path:
    """The photo at 1080 pixels: every pixel decoded, Lanczos in 32-bit floating point, rounded once."""
    with Image.open(picture) as image:
        size = (1080, round(image.height * 1080 / image.width))
        bands = [band.convert("F").resize(size, Image.Resampling.LANCZOS) for band in image.split()]
    Image.merge("RGB", [band.point(lambda value: value + 0.5).convert("L") for band in bands]).save(path)
    return path


def similarity(reference: Path, candidates: list[Path]) -> tuple[str, list[float]]:
    """SSIMULACRA2 in an environment of its own, or PSNR in dB where that cannot be had."""
    if UV:
        script = [ROOT / "benchmarks" / "similarity.py", reference, *candidates]
        answer = subprocess.run([*SIMILARITY, *script], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return "SSIMULACRA2", [float(line) for line in answer.stdout.split()]
    return "PSNR", [_psnr(reference, candidate) for candidate in candidates]


def _psnr(reference: Path, candidate: Path) -> float:
    from math import log10

    from PIL import ImageChops, ImageStat

    with Image.open(reference) as first, Image.open(candidate) as second:
        squares = ImageStat.Stat(ImageChops.difference(first, second)).rms
    return 10 * log10(255**2 / statistics.mean(rms**2 for rms in squares))


def _prepare() -> str:
    """Install sharp, keep to one core; says which."""
    if not (SHARP / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=SHARP, check=True)
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("This measures on one core, and memory from /proc: run it on Linux.")
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"core {core}, load {os.getloadavg()[0]:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the image job against others.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    where = _prepare()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        twelve, forty_eight = photos.camera_photos()[photos.TWELVE], photos.forty_eight_megapixels()
        own = fresh((sys.executable, *WORKER, "idle"), twelve, folder).peak
        begun = {name: fresh(command, twelve, folder) for name, command in PIPELINES.items()}
        largest = fresh(PIPELINES["ours"], forty_eight, folder).peak
        measure, scores = quality(folder)
        taken = times(rounds, folder)

    table = Table(title=f"One photo to eight files; {rounds} rounds, {len(photos.NAMES)} photos, {where}")
    for column in ("pipeline", "ms warm", "ours / it", "ms cold", "peak MB (12 MP)", f"{measure} of w1080.jpg"):
        table.add_column(column, justify="left" if column == "pipeline" else "right")
    for name, milliseconds in taken.items():
        ratio, score = taken["ours"] / milliseconds, scores.get(name)
        shown = "" if score is None else f"{score:.2f}"
        table.add_row(
            name, f"{milliseconds:.0f}", f"{ratio:.2f}", f"{begun[name].cold:.0f}", f"{begun[name].peak:.0f}", shown
        )
    Console(width=110).print(table)

    rendition, naive = "sharp, once per rendition, effort 4", "naive Pillow, one decode"
    peaks = {name: figures.peak for name, figures in begun.items()}
    loss = scores[naive] - scores["ours"]
    cascade = {
        2: taken["ours"] / taken["sharp, cascade, effort 2"],
        4: taken["ours, WebP method 4"] / taken["sharp, cascade, effort 4"],
    }
    for figure in (
        Figure("image_job_time_against_sharp_per_rendition", taken["ours"] / taken[rendition], "ratio", 0.40),
        Figure(
            "image_job_memory_against_sharp_per_rendition", begun["ours"].peak / begun[rendition].peak, "ratio", 0.5
        ),
        Figure("image_job_time_against_sharp_cascade_both_method_2", cascade[2], "ratio", 1.0),
        Figure("image_job_time_against_sharp_cascade_both_method_4", cascade[4], "ratio", 1.0),
        Figure("image_job_time_against_naive_pillow", taken["ours"] / taken[naive], "ratio", 0.30),
        Figure(f"image_job_{measure.lower()}_lost_against_naive_pillow", loss, "points", 0.5),
        Figure("image_job_memory_12_megapixels_over_interpreter", peaks["ours"] - own, "MB", 64),
        Figure("image_job_memory_48_megapixels_over_interpreter", largest - own, "MB", 80),
    ):
        print(figure)


if __name__ == "__main__":
    main()
