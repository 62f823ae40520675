"""The clouds that Heliograph runs on without an account, and the search engines beside them."""

from dataclasses import dataclass

from local.clouds.emulator import Emulator
from local.clouds.localstack import LocalStack
from local.clouds.ministack import MiniStack
from local.clouds.search import ENGINES, SearchEngine

EMULATORS: dict[str, Emulator] = {emulator.name: emulator for emulator in (MiniStack(), LocalStack())}
DEFAULT = MiniStack.name


@dataclass(frozen=True)
class Lane:
    """An emulator of AWS with a search engine: what one cloud consists of."""

    emulator: Emulator
    search: SearchEngine

    @classmethod
    def of(cls, emulator: str = "", search: str = "") -> "Lane":
        """The lane that `CLOUD=... SEARCH=...` mean; each emulator has a search engine that it goes with."""
        chosen = EMULATORS[emulator or DEFAULT]
        return cls(chosen, ENGINES[search or chosen.default_search])

    @property
    def title(self) -> str:
        return f"{self.emulator.title} with {self.search.title}"
