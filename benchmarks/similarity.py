"""SSIMULACRA2 of pictures against a reference: 100 is identical, 90 visually lossless, 70 high quality.

    python similarity.py REFERENCE PICTURE...      prints one score per line

Runs in an environment of its own (package `ssimulacra2`, which brings numpy and scipy): see `image_job.py`.
"""

import sys

from ssimulacra2 import compute_ssimulacra2  # pyright: ignore[reportMissingImports]  (not in our environment)


def main() -> None:
    reference, *pictures = sys.argv[1:]
    for picture in pictures:
        print(compute_ssimulacra2(reference, picture))


if __name__ == "__main__":
    main()
