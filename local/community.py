"""The demo community: six people, who they are, and what they have posted."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    """Someone with an account, who follows all but strangers."""

    username: str
    full_name: str
    bio: str
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a photo was taken. Degrees."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Post:
    """A post of one photo in `local/demo/photos`, with who likes it and what they say: (username, words) pairs."""

    author: str
    photo: str
    caption: str
    place: Place | None = None
    likes: tuple[str, ...] = ()
    comments: tuple[tuple[str, str], ...] = field(default=())


PEOPLE = (
    Person("mira", "Mira Lindqvist", "Mountains, mostly uphill.", strangers=("aiko", "nadia", "tomas")),
    Person("jonas", "Jonas Weber", "Light at the ends of the day."),
    Person("aiko", "Aiko Tanaka", "Colour first, subject second."),
    Person("tomas", "Tomás Rey", "Rhythm and still lifes.", strangers=("mira", "sam")),
    Person("nadia", "Nadia Haddad", "Small things, close up."),
    Person("sam", "Sam Okafor", "Two dogs and a camera."),
)

_PICOS = Place("Picos de Europa", 43.1978, -4.8494)
_AIZKORRI = Place("Aizkorri", 42.9500, -2.3500)
_GORBEIA = Place("Gorbeia", 43.0350, -2.7800)

# Oldest first.
POSTS = (
    Post(
        "tomas",
        "still-life.jpg",
        "Sunday afternoon, nothing planned. #stilllife #coffee",
        likes=("aiko", "nadia"),
        comments=(("nadia", "That grinder has seen some mornings."),),
    ),
    Post(
        "nadia",
        "dandelion-field.jpg",
        "A whole field of wishes at sunset. #macro #dandelion #goldenhour",
        likes=("jonas", "mira", "sam"),
    ),
    Post(
        "aiko",
        "brushes.jpg",
        "Washed, more or less. #colour #studio #paint",
        likes=("tomas", "nadia", "sam"),
        comments=(("tomas", "Less, I think."), ("sam", "The pink one is a work of art already.")),
    ),
    Post(
        "mira",
        "mountain-path.jpg",
        "The path up, before the clouds came. #mountains #hiking",
        _PICOS,
        likes=("jonas", "sam"),
    ),
    Post(
        "jonas",
        "sunset-ridges.jpg",
        "Five ridges, one sun. #sunset #goldenhour #mountains",
        _GORBEIA,
        likes=("mira", "nadia", "aiko"),
    ),
    Post(
        "sam",
        "dogs.jpg",
        "Somebody is waiting for somebody. Looking at you, @mira #dogs #friends",
        likes=("mira", "jonas", "aiko", "tomas", "nadia"),
        comments=(("mira", "Tell them I am on my way!"),),
    ),
    Post("tomas", "drum.jpg", "Rehearsal is over, the drum stays. #music #djembe", likes=("sam",)),
    Post(
        "nadia",
        "dandelion.jpg",
        "Do not breathe. #macro #dandelion",
        likes=("aiko", "mira", "tomas", "jonas"),
        comments=(("aiko", "I held my breath just looking at it."),),
    ),
    Post(
        "jonas",
        "autumn-forest.jpg",
        "Autumn keeps to one side of the meadow. #autumn #forest",
        _AIZKORRI,
        likes=("nadia", "mira"),
    ),
    Post("aiko", "fig.jpg", "Red on red. #colour #fruit", likes=("tomas", "nadia", "jonas")),
    Post("sam", "creek.jpg", "Cold feet, happy dogs. With @nadia #creek #forest", likes=("nadia", "mira")),
    Post(
        "mira",
        "peaks.jpg",
        "Snow in June. Worth every step with @jonas and @sam #mountains #snow #hiking",
        _PICOS,
        likes=("jonas", "sam", "aiko", "tomas"),
        comments=(("jonas", "My knees disagree."), ("sam", "Again next week?")),
    ),
)

STORY_AUTHOR = "jonas"
STORY_PHOTO = "sunset.jpg"
