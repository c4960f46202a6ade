"""Shapes that records are made of: titles, people, episodes, links; the same in a source's record and in the merged one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from sources.described import Described

PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A calendar date as exact as it is known: ``2020``, ``2020-07`` or ``2020-07-03``. Never padded."""

TitleKind = Literal["main", "official", "synonym", "short"]
AnimeType = Literal[
    "TV", "TV_SHORT", "MOVIE", "OVA", "ONA", "SPECIAL", "TV_SPECIAL", "MUSIC", "PV", "CM", "OTHER", "UNKNOWN"
]
AnimeStatus = Literal["UPCOMING", "AIRING", "FINISHED", "HIATUS", "CANCELLED", "UNKNOWN"]
Season = Literal["WINTER", "SPRING", "SUMMER", "FALL"]
EpisodeKind = Literal["regular", "special", "credit", "trailer", "parody", "other"]


class Shape(Described):
    """Base of all shapes: unknown fields are ignored, so a newer producer never breaks an older reader."""

    model_config = ConfigDict(extra="ignore")


class Title(Shape):
    """A title with its language (BCP 47; romaji is ``ja-Latn``; ``None`` = not said) and kind."""

    text: str
    """The title as it is written."""
    language: str | None = None
    """Language as BCP 47 (romaji is `ja-Latn`); absent when nobody said."""
    kind: TitleKind = "synonym"
    """Main, official, synonym or short form."""


class Name(Shape):
    """A person's or character's name in one script."""

    text: str
    """The name as it is written."""
    language: str | None = None
    """Language and script as BCP 47."""


class Synopsis(Shape):
    """A description as one source wrote it, markup stripped."""

    text: str
    """The description, without markup."""
    language: str | None = "en"
    """Language as BCP 47."""
    source: str = ""
    """The source that wrote it."""
    url: str | None = None
    """The page on which it stands."""


class Tag(Shape):
    """A tag; ``weight`` runs 0 to 1, ``spoiler`` and ``adult`` are the site's own marks."""

    name: str
    """The tag's name."""
    weight: float | None = None
    """How much it applies, 0 to 1."""
    spoiler: bool = False
    """Whether the site marks it as a spoiler."""
    adult: bool = False
    """Whether the site marks it as for adults."""


class Score(Shape):
    """A rating on the site's own scale."""

    value: float
    """The rating."""
    scale_min: float
    """The lowest rating of the site's scale."""
    scale_max: float
    """The highest rating of the site's scale."""
    votes: int | None = None
    """How many people rated it."""


class Broadcast(Shape):
    """When it airs; ``weekday`` is MONDAY..SUNDAY, times are HH:MM in ``timezone``, instants ISO 8601."""

    weekday: str | None = None
    """MONDAY to SUNDAY, in `timezone`."""
    time: str | None = None
    """Time of day as HH:MM, in `timezone`."""
    timezone: str | None = None
    """Name of the time zone, as `Asia/Tokyo`."""
    text: str | None = None
    """The schedule in the site's own words."""
    next_episode: int | None = None
    """Number of the episode that airs next."""
    next_episode_at: str | None = None
    """When it airs, ISO 8601."""
    sub_at: str | None = None
    """When the next subtitled episode comes, ISO 8601."""
    dub_at: str | None = None
    """When the next dubbed episode comes, ISO 8601."""
    delayed_from: PartialDate | None = None
    """The day on which a delay began."""
    delayed_until: PartialDate | None = None
    """The day until which it is delayed."""
    delay_reason: str | None = None
    """Why it is delayed, in the site's words."""


class Release(Shape):
    """Where and when the work came out in one language; the original one among them."""

    language: str | None = None
    """Language of the release as BCP 47."""
    kind: str = "release"
    """original, release, sub or dub."""
    status: AnimeStatus | None = None
    """Whether it is to come, runs, or is finished there."""
    start_date: PartialDate | None = None
    """When it began there, as exact as it is known."""
    end_date: PartialDate | None = None
    """When it ended there, as exact as it is known."""
    companies: list[str] = Field(default_factory=list)
    """Who brought it out."""
    source: str = ""
    """The source that says so."""


class Relation(Shape):
    """A related work; ``ids`` are its ids by site (``mal``, ``anilist``, ...), ``media`` anime, manga or other."""

    kind: str
    """How the other work is related: SEQUEL, PREQUEL, SIDE_STORY and so on."""
    title: str | None = None
    """Title of the other work."""
    ids: dict[str, str] = Field(default_factory=dict)
    """Its ids by site."""
    media: str = "anime"
    """What it is: anime, manga or other."""
    type: str | None = None
    """Its type, where a site said so."""
    year: int | None = None
    """The year in which it began."""
    url: str | None = None
    """Its page."""
    kind_raw: str | None = None
    """The relation in the site's own word."""


class Image(Shape):
    """A picture by address; sizes in pixels."""

    url: str
    """Address of the picture."""
    kind: Literal["poster", "banner", "cover", "thumbnail", "screenshot"] = "poster"
    """What it is made for."""
    width: int | None = None
    """Width in pixels."""
    height: int | None = None
    """Height in pixels."""


class Link(Shape):
    """A page about the work elsewhere; ``kind`` is official, streaming, social, info or other."""

    site: str
    """Name of the site."""
    url: str
    """Address of the page."""
    kind: str = "other"
    """official, streaming, social, info or other."""
    language: str | None = None
    """Language of the page as BCP 47."""
    note: str | None = None
    """What a site adds to the link, as ``Dub`` or the name of a channel."""


class Trailer(Shape):
    """A video; ``id`` is the video's id on ``site`` (youtube, dailymotion, ...)."""

    site: str
    """The site that plays it: youtube, dailymotion and so on."""
    id: str | None = None
    """The video's id on that site."""
    url: str
    """Address of the video."""
    title: str | None = None
    """Title of the video."""
    thumbnail: str | None = None
    """Address of a still of it."""
    duration_seconds: int | None = None
    """How long it is, in seconds."""


class ThemeSong(Shape):
    """An opening, ending or insert song."""

    kind: Literal["opening", "ending", "insert"]
    """Opening, ending or insert song."""
    title: str
    """Title of the song."""
    number: int | None = None
    """Which of its kind it is, from 1."""
    artist: str | None = None
    """Who sings it."""
    episodes: str | None = None
    """The episodes in which it is heard, in the site's words."""
    title_native: str | None = None
    """Title in the original script."""


class Episode(Shape):
    """One episode; ``number`` counts within ``kind`` (AniDB's S1 is number 1 of kind special); ``links`` say where to watch it."""

    number: float | None = None
    """Number within its `kind`, from 1; some sites have halves."""
    kind: EpisodeKind = "regular"
    """Regular, special, credit, trailer, parody or other."""
    titles: list[Title] = Field(default_factory=list)
    """Its titles."""
    aired: PartialDate | None = None
    """The day on which it first aired."""
    duration_seconds: int | None = None
    """How long it is, in seconds."""
    filler: bool | None = None
    """Whether it adds nothing to the story; absent when nobody said."""
    recap: bool | None = None
    """Whether it retells earlier ones; absent when nobody said."""
    synopsis: str | None = None
    """What happens in it."""
    thumbnail: str | None = None
    """Address of a still of it."""
    season_number: int | None = None
    """The season that a site counts it to."""
    ids: dict[str, str] = Field(default_factory=dict)
    """Its ids by site."""
    links: list[Link] = Field(default_factory=list)
    """Pages on which to watch it."""


class VoiceActor(Shape):
    """Who speaks a character in which language (BCP 47)."""

    names: list[Name]
    """The actor's names."""
    language: str | None = None
    """Language spoken, as BCP 47."""
    image: str | None = None
    """Address of a picture."""
    ids: dict[str, str] = Field(default_factory=dict)
    """The actor's ids by site."""


class Character(Shape):
    """A character; ``role`` is MAIN, SUPPORTING, BACKGROUND or UNKNOWN; ``ids`` by site."""

    names: list[Name]
    """The character's names."""
    role: str = "UNKNOWN"
    """MAIN, SUPPORTING, BACKGROUND or UNKNOWN."""
    images: list[str] = Field(default_factory=list)
    """Addresses of pictures."""
    voice_actors: list[VoiceActor] = Field(default_factory=list)
    """Who speaks the character, by language."""
    ids: dict[str, str] = Field(default_factory=dict)
    """The character's ids by site."""
    spoiler: bool = False
    """Whether to know of it is a spoiler."""
    gender: str | None = None
    """male, female or another word of the site, in small letters; absent when nobody said."""
    kind: str | None = None
    """What it is where it is no person: a mecha, an organisation and so on, in the site's word."""


class Staff(Shape):
    """A person or company that made it, with what they did."""

    names: list[Name]
    """Names of the person or company."""
    roles: list[str] = Field(default_factory=list)
    """What they did."""
    image: str | None = None
    """Address of a picture."""
    ids: dict[str, str] = Field(default_factory=dict)
    """Their ids by site."""
