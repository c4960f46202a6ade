"""What one source says about one anime; shapes shared with the merged record."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from sources.shapes import (
    AnimeStatus,
    AnimeType,
    Broadcast,
    Character,
    Episode,
    EpisodeKind,
    Image,
    Link,
    Name,
    PartialDate,
    Relation,
    Release,
    Score,
    Season,
    Shape,
    Staff,
    Synopsis,
    Tag,
    ThemeSong,
    Title,
    TitleKind,
    Trailer,
    VoiceActor,
)

__all__ = [
    "AnimeStatus",
    "AnimeType",
    "Broadcast",
    "Character",
    "Episode",
    "EpisodeKind",
    "Facts",
    "Image",
    "Link",
    "Name",
    "PartialDate",
    "Relation",
    "Release",
    "Score",
    "Season",
    "Shape",
    "SourceRecord",
    "Staff",
    "Synopsis",
    "Tag",
    "ThemeSong",
    "Title",
    "TitleKind",
    "Trailer",
    "Unmapped",
    "VoiceActor",
]


class Unmapped(Shape):
    """A raw value the vocabulary does not know; kept and counted, never dropped."""

    field: str
    """The field that the value is of."""
    raw: str
    """The value as the site wrote it."""


class Facts(Shape):
    """The fields that a source's record and the merged record have in common."""

    ids: dict[str, str] = Field(default_factory=dict)
    """The work's ids by site: mal, anilist, kitsu, anidb and so on."""
    title: str | None = None
    """The main title, in Latin letters where there is one."""
    titles: list[Title] = Field(default_factory=list)
    """All titles, each with its language and kind."""
    title_english: str | None = None
    """The English title."""
    title_native: str | None = None
    """The title in the original script."""
    type: AnimeType | None = None
    """TV, MOVIE, OVA and so on; UNKNOWN where a site says that it does not know."""
    status: AnimeStatus | None = None
    """Whether it is to come, airs, or is finished."""
    episode_count: int | None = Field(default=None, ge=1)
    """How many episodes it has or will have."""
    episodes_aired: int | None = Field(default=None, ge=0)
    """How many of them have aired so far."""
    duration_seconds: int | None = Field(default=None, ge=1)
    """Length of one episode, in seconds."""
    season: Season | None = None
    """The quarter of the year in which it began."""
    year: int | None = None
    """The year in which it began."""
    start_date: PartialDate | None = None
    """When it began, as exact as it is known."""
    end_date: PartialDate | None = None
    """When it ended, as exact as it is known."""
    releases: list[Release] = Field(default_factory=list)
    """When it came out, by language and kind."""
    broadcast: Broadcast | None = None
    """When it airs, for what is airing."""
    synopsis: Synopsis | None = None
    """What it is about."""
    synopses: list[Synopsis] = Field(default_factory=list)
    """All that it is said to be about, one text a source and language."""
    genres: list[str] = Field(default_factory=list)
    """Genres, in words common to all sources."""
    tags: list[Tag] = Field(default_factory=list)
    """Finer marks than genres."""
    demographics: list[str] = Field(default_factory=list)
    """Whom it is made for: Shounen, Seinen and so on."""
    content_rating: str | None = None
    """From which age on, as a rating word."""
    adult: bool | None = None
    """Whether it is for adults only; absent when nobody said."""
    source_material: str | None = None
    """What it was made from: MANGA, LIGHT_NOVEL, ORIGINAL and so on."""
    studios: list[str] = Field(default_factory=list)
    """Who animated it."""
    producers: list[str] = Field(default_factory=list)
    """Who paid for it."""
    licensors: list[str] = Field(default_factory=list)
    """Who licensed it abroad."""
    relations: list[Relation] = Field(default_factory=list)
    """Works that belong to it."""
    images: list[Image] = Field(default_factory=list)
    """Posters, banners and other pictures."""
    trailers: list[Trailer] = Field(default_factory=list)
    """Videos that advertise it."""
    streaming: list[Link] = Field(default_factory=list)
    """Where to watch it."""
    links: list[Link] = Field(default_factory=list)
    """Pages about it elsewhere."""
    theme_songs: list[ThemeSong] = Field(default_factory=list)
    """Openings, endings and insert songs."""
    episodes: list[Episode] = Field(default_factory=list)
    """Its episodes, specials and credits among them."""
    characters: list[Character] = Field(default_factory=list)
    """Who appears in it."""
    staff: list[Staff] = Field(default_factory=list)
    """Who made it."""


FILLED = "filled"
"""Of ``SourceRecord.raw``: names of the fields that another interface of the site told, not the main document."""


def says_nothing(value: object) -> bool:
    """Whether a field says nothing."""
    return value is None or value in ("", [], {}, "UNKNOWN")


class SourceRecord(Facts):
    """Everything one source says about one anime, canonical beside raw.

    ``ids`` maps site to id, this source's own among them. ``popularity`` holds the site's own counters (members,
    favourites, rank, popularity_rank; format_rank is one among works of its type). ``further`` holds facts that no other
    field has, in the site's words. ``raw`` keeps values before mapping, ``unmapped`` what no table knew,
    ``incomplete`` the parts that could not be read, each with its reason code, ``repaired`` what was mended in the reply.
    """

    source: str
    """Name of the source."""
    source_id: str
    """The site's own id."""
    url: str | None = None
    """The entry's page."""
    score: Score | None = None
    """The site's rating."""
    popularity: dict[str, float] = Field(default_factory=dict)
    """The site's own counters: members, favourites, rank and so on."""
    further: dict[str, str] = Field(default_factory=dict)
    """Facts that no other field holds, by name: background, hashtag, licensed, copyright and so on."""
    raw: dict[str, Any] = Field(default_factory=dict)
    """Values as the site wrote them, before mapping."""
    unmapped: list[Unmapped] = Field(default_factory=list)
    """Values that no table knew."""
    incomplete: dict[str, str] = Field(default_factory=dict)
    """Parts that could not be read, each with its reason code."""
    repaired: list[str] = Field(default_factory=list)
    """What was mended in the reply before it could be read."""

    @field_validator("ids")
    @classmethod
    def _that_say_something(cls, value: dict[str, str]) -> dict[str, str]:
        """An empty id is none: all works whose site left it out would be one by it."""
        return {site: one for site, one in value.items() if one}
