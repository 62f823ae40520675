"""Full-size photographs for measurements: real ones, fetched through the Debian package client and never committed."""

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

PACKAGE = "lomiri-wallpapers-16.04"
CACHE = Path(__file__).parents[1] / ".local" / "photos"

# Wide views, close-ups, fine texture; 12 to 16 megapixels.
NAMES = ("sunset_by_Aitzol_Berasategi", "Dragonfly_by_Bolly", "seeding_by_Clements_Engelhardt")
TWELVE = NAMES[0]
FORTY_EIGHT = (8000, 6000)


def camera_photos() -> dict[str, Path]:
    """Paths by name, as a camera writes them: full size, baseline JPEG.

    The package's own files are progressive, which no camera writes and which takes any decoder twice the time.
    """
    photos = {name: CACHE / f"{name}.jpg" for name in NAMES}
    if not all(path.exists() for path in photos.values()):
        originals = _unpacked()
        for name, path in photos.items():
            with Image.open(originals / f"{name}.jpg") as image:
                image.save(path, "JPEG", quality=92)
    return photos


def originals() -> dict[str, Path]:
    """All photos of the package as they come, by name."""
    return {path.stem: path for path in sorted(_unpacked().glob("*.jpg"))}


def forty_eight_megapixels() -> Path:
    """The largest of them, scaled up to the size of a 48-megapixel sensor."""
    path = CACHE / "48-megapixels.jpg"
    if not path.exists():
        with Image.open(camera_photos()[NAMES[2]]) as image:
            image.resize(FORTY_EIGHT, Image.Resampling.BICUBIC).save(path, "JPEG", quality=92)
    return path


def _unpacked() -> Path:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        sys.exit(f"The photos come from the Debian package {PACKAGE}: run this where apt-get and dpkg-deb are.")
    unpacked = CACHE / "package"
    if unpacked.is_dir():
        return unpacked / "usr" / "share" / "backgrounds"
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"Fetching the photos of {PACKAGE} ...", file=sys.stderr)
    download = subprocess.run(["apt-get", "download", PACKAGE], cwd=CACHE, capture_output=True, text=True, check=False)
    packages = sorted(CACHE.glob(f"{PACKAGE}_*.deb"))
    if download.returncode or not packages:
        sys.exit(f"apt-get could not download {PACKAGE} (is `apt-get update` due?):\n{download.stderr}")
    subprocess.run(["dpkg-deb", "--extract", packages[-1], unpacked], check=True)
    return unpacked / "usr" / "share" / "backgrounds"
