"""What one source says about one anime; shapes shared with the merged record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A calendar date as exact as it is known: ``2020``, ``2020-07`` or ``2020-07-03``. Never padded."""

TitleKind = Literal["main", "official", "synonym", "short"]
AnimeType = Literal[
    "TV", "TV_SHORT", "MOVIE", "OVA", "ONA", "SPECIAL", "TV_SPECIAL", "MUSIC", "PV", "CM", "OTHER", "UNKNOWN"
]
AnimeStatus = Literal["UPCOMING", "AIRING", "FINISHED", "HIATUS", "CANCELLED", "UNKNOWN"]
Season = Literal["WINTER", "SPRING", "SUMMER", "FALL"]
EpisodeKind = Literal["regular", "special", "credit", "trailer", "parody", "other"]


class Shape(BaseModel):
    """Base of all shapes: unknown fields are ignored, so a newer producer never breaks an older reader."""

    model_config = ConfigDict(extra="ignore")


class Title(Shape):
    """A title with its language (BCP 47; romaji is ``ja-Latn``; ``None`` = not said) and kind."""

    text: str
    language: str | None = None
    kind: TitleKind = "synonym"


class Name(Shape):
    """A person's or character's name in one script."""

    text: str
    language: str | None = None


class Synopsis(Shape):
    """A description as one source wrote it, markup stripped."""

    text: str
    language: str | None = "en"
    source: str = ""
    url: str | None = None


class Tag(Shape):
    """A tag; ``weight`` runs 0 to 1, ``spoiler`` and ``adult`` are the site's own marks."""

    name: str
    weight: float | None = None
    spoiler: bool = False
    adult: bool = False


class Score(Shape):
    """A rating on the site's own scale."""

    value: float
    scale_min: float
    scale_max: float
    votes: int | None = None


class Broadcast(Shape):
    """When it airs; ``weekday`` is MONDAY..SUNDAY, times are HH:MM in ``timezone``, instants ISO 8601."""

    weekday: str | None = None
    time: str | None = None
    timezone: str | None = None
    text: str | None = None
    next_episode: int | None = None
    next_episode_at: str | None = None
    sub_at: str | None = None
    dub_at: str | None = None
    delayed_from: PartialDate | None = None
    delayed_until: PartialDate | None = None
    delay_reason: str | None = None


class Relation(Shape):
    """A related work; ``ids`` are its ids by site (``mal``, ``anilist``, ...), ``media`` anime, manga or other."""

    kind: str
    title: str | None = None
    ids: dict[str, str] = Field(default_factory=dict)
    media: str = "anime"
    type: str | None = None
    year: int | None = None
    url: str | None = None
    kind_raw: str | None = None


class Image(Shape):
    """A picture by address; sizes in pixels."""

    url: str
    kind: Literal["poster", "banner", "cover", "thumbnail", "screenshot"] = "poster"
    width: int | None = None
    height: int | None = None


class Link(Shape):
    """A page about the work elsewhere; ``kind`` is official, streaming, social, info or other."""

    site: str
    url: str
    kind: str = "other"
    language: str | None = None


class Trailer(Shape):
    """A video; ``id`` is the video's id on ``site`` (youtube, dailymotion, ...)."""

    site: str
    id: str | None = None
    url: str
    title: str | None = None
    thumbnail: str | None = None


class ThemeSong(Shape):
    """An opening, ending or insert song."""

    kind: Literal["opening", "ending", "insert"]
    title: str
    number: int | None = None
    artist: str | None = None
    episodes: str | None = None
    title_native: str | None = None


class Episode(Shape):
    """One episode; ``number`` counts within ``kind`` (AniDB's S1 is number 1 of kind special); ``links`` say where to watch it."""

    number: float | None = None
    kind: EpisodeKind = "regular"
    titles: list[Title] = Field(default_factory=list)
    aired: PartialDate | None = None
    duration_seconds: int | None = None
    filler: bool | None = None
    recap: bool | None = None
    synopsis: str | None = None
    thumbnail: str | None = None
    season_number: int | None = None
    ids: dict[str, str] = Field(default_factory=dict)
    links: list[Link] = Field(default_factory=list)


class VoiceActor(Shape):
    """Who speaks a character in which language (BCP 47)."""

    names: list[Name]
    language: str | None = None
    image: str | None = None
    ids: dict[str, str] = Field(default_factory=dict)


class Character(Shape):
    """A character; ``role`` is MAIN, SUPPORTING, BACKGROUND or UNKNOWN; ``ids`` by site."""

    names: list[Name]
    role: str = "UNKNOWN"
    images: list[str] = Field(default_factory=list)
    voice_actors: list[VoiceActor] = Field(default_factory=list)
    ids: dict[str, str] = Field(default_factory=dict)
    spoiler: bool = False


class Staff(Shape):
    """A person or company that made it, with what they did."""

    names: list[Name]
    roles: list[str] = Field(default_factory=list)
    image: str | None = None
    ids: dict[str, str] = Field(default_factory=dict)


class Unmapped(Shape):
    """A raw value the vocabulary does not know; kept and counted, never dropped."""

    field: str
    raw: str


class Facts(Shape):
    """The fields that a source's record and the merged record have in common."""

    ids: dict[str, str] = Field(default_factory=dict)
    title: str | None = None
    titles: list[Title] = Field(default_factory=list)
    title_english: str | None = None
    title_native: str | None = None
    type: AnimeType | None = None
    status: AnimeStatus | None = None
    episode_count: int | None = Field(default=None, ge=1)
    episodes_aired: int | None = Field(default=None, ge=0)
    duration_seconds: int | None = Field(default=None, ge=1)
    season: Season | None = None
    year: int | None = None
    start_date: PartialDate | None = None
    end_date: PartialDate | None = None
    broadcast: Broadcast | None = None
    synopsis: Synopsis | None = None
    genres: list[str] = Field(default_factory=list)
    tags: list[Tag] = Field(default_factory=list)
    demographics: list[str] = Field(default_factory=list)
    content_rating: str | None = None
    adult: bool | None = None
    source_material: str | None = None
    studios: list[str] = Field(default_factory=list)
    producers: list[str] = Field(default_factory=list)
    licensors: list[str] = Field(default_factory=list)
    relations: list[Relation] = Field(default_factory=list)
    images: list[Image] = Field(default_factory=list)
    trailers: list[Trailer] = Field(default_factory=list)
    streaming: list[Link] = Field(default_factory=list)
    links: list[Link] = Field(default_factory=list)
    theme_songs: list[ThemeSong] = Field(default_factory=list)
    episodes: list[Episode] = Field(default_factory=list)
    characters: list[Character] = Field(default_factory=list)
    staff: list[Staff] = Field(default_factory=list)


class SourceRecord(Facts):
    """Everything one source says about one anime, canonical beside raw.

    ``ids`` maps site to id, this source's own among them. ``popularity`` holds the site's own counters (members,
    favourites, rank, popularity_rank; format_rank is one among works of its type). ``raw`` keeps values before mapping, ``unmapped`` what no table knew,
    ``incomplete`` the parts that could not be read, each with its reason code, ``repaired`` what was mended in the reply.
    """

    source: str
    source_id: str
    url: str | None = None
    score: Score | None = None
    popularity: dict[str, float] = Field(default_factory=dict)
    raw: dict[str, Any] = Field(default_factory=dict)
    unmapped: list[Unmapped] = Field(default_factory=list)
    incomplete: dict[str, str] = Field(default_factory=dict)
    repaired: list[str] = Field(default_factory=list)

    @field_validator("ids")
    @classmethod
    def _that_say_something(cls, value: dict[str, str]) -> dict[str, str]:
        """An empty id is none: all works whose site left it out would be one by it."""
        return {site: one for site, one in value.items() if one}
