"""The one interface that every source speaks, and what a source declares about its site."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar

from cache.rules import DAY, Rate, Rejection, Reply, Rest, ServiceRules
from sources.batch import Batch
from sources.canary import Canary
from sources.crawl import Crawl
from sources.errors import Reason, SourceError
from sources.http import Answer, Http
from sources.listing import Listing, ListPage, Quarter
from sources.record import SourceRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long answers of a site may be reused, in seconds."""

    ttl: float = DAY
    grace: float = DAY
    negative_ttl: float = 600.0


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that only this source has; its variable is ``<SOURCE>_<NAME>``, or ``variable`` where that is given."""

    name: str
    help: str
    default: str | None = None
    required: bool = False
    secret: bool = False
    is_url: bool = False
    variable: str = ""

    def variable_of(self, source: str) -> str:
        """Its variable, as a setting of ``source``."""
        return self.variable or f"{source.upper()}_{self.name}"


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests that one title costs at a site when nothing is cached, for forecasts.

    ``alone`` and ``together`` (in bulk, where many are asked at a time) lead to the main document; ``tail`` are those for
    episodes, people and pictures.
    """

    alone: float = 2.0
    together: float = 2.0
    tail: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """Another interface of the same site, with limits and latches of its own: one more way to one voice, no other voice.

    It is there where the setting ``needs`` is given; ``address`` is the setting with its base address. ``lacks`` names the
    fields of the record of which it tells less than the site's chief interface: its silence on them is no news.
    """

    name: str
    address: str
    needs: str
    limits: tuple[Rate, ...]
    refuse: Callable[[Reply], Rejection | None]
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: a title, and what else is known about it."""

    title: str
    titles: tuple[str, ...] = ()
    year: int | None = None
    type: str | None = None
    limit: int = 10

    def wordings(self, longest: int, most: int = 3) -> list[str]:
        """The titles to try one after another: white space folded, ``longest`` characters each, at most ``most``."""
        folded = (" ".join(title.split())[:longest] for title in (self.title, *self.titles)[:most])
        return [title for title in dict.fromkeys(folded) if title]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One search result; ``ids`` may hold foreign ids that the result itself names.

    ``follows`` are the entries that it is the sequel of, as pairs of id name and id; ``picture`` is a web address.
    """

    source: str
    id: str
    title: str
    titles: tuple[str, ...] = ()
    type: str | None = None
    year: int | None = None
    start_date: str | None = None
    episode_count: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    follows: tuple[tuple[str, str], ...] = ()
    picture: str | None = None

    def __post_init__(self) -> None:
        """An empty id is none, as in a `SourceRecord`, and an empty title neither."""
        if not all(self.ids.values()):
            object.__setattr__(self, "ids", {site: value for site, value in self.ids.items() if value})
        if not all(self.titles):
            object.__setattr__(self, "titles", tuple(title for title in self.titles if title))

    @property
    def called(self) -> tuple[str, ...]:
        """All that it is called, the heading first."""
        return (self.title, *self.titles) if self.title else self.titles


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source is given to work with; ``values`` holds its own settings by `Setting.name`.

    ``ways`` has those of the source's `Way` that are set up, by name. ``crawl`` is there for a source that says
    ``crawled = True``. ``data_dir`` is where a source may keep files between
    runs (AniDB's titles); without it, it uses the user's cache folder.
    """

    base_url: str
    http: Http
    values: Mapping[str, str] = field(default_factory=dict)
    crawl: Crawl | None = None
    data_dir: Path | None = None
    ways: Mapping[str, Http] = field(default_factory=dict)


class Source(ABC):
    """One site. A subclass in a module of ``sources/`` is found by being there.

    The class attributes declare; the methods ask. A failure is always a `SourceError` with a reason code. With
    ``search_needs_settings = False`` titles can be searched without the settings that asking for an entry requires.
    A site that ``bans`` an address for asking too much is asked only with the turns of the whole fleet.
    ``id_name`` is the word under which ids of its entries are known, where that is not its own name: Jikan's are ``mal``.
    With ``searches_own_titles`` a search asks nobody: the titles lie on the own disk.
    ``batches`` says which of its requests can be asked many at a time; the source itself asks one by one, as ever.
    ``cost`` is what a title costs, measured over the played site. With ``many_hosts`` its base address may be a list: the next host is asked where one is in trouble. ``ways`` are other
    interfaces of the same site.
    ``tail`` names the fields of the record that `extend` adds to: a look at the main document alone leaves them as they were.
    ``lists`` are the lists that `read_list` reads, and ``budget_a_day`` is how many requests a day we allow ourselves where its
    limits allow more.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    base_url: ClassVar[str]
    id_name: ClassVar[str] = ""
    limits: ClassVar[tuple[Rate, ...]]
    freshness: ClassVar[Freshness] = Freshness()
    settings: ClassVar[tuple[Setting, ...]] = ()
    finds_by: ClassVar[tuple[str, ...]] = ()
    searches: ClassVar[bool] = True
    search_needs_settings: ClassVar[bool] = True
    searches_own_titles: ClassVar[bool] = False
    crawled: ClassVar[bool] = False
    bans: ClassVar[bool] = False
    post_paths: ClassVar[tuple[str, ...]] = ()
    batches: ClassVar[tuple[Batch, ...]] = ()
    many_hosts: ClassVar[bool] = False
    cost: ClassVar[Cost] = Cost()
    ways: ClassVar[tuple[Way, ...]] = ()
    tail: ClassVar[tuple[str, ...]] = ()
    lists: ClassVar[tuple[Listing, ...]] = ()
    budget_a_day: ClassVar[int] = 1000
    budget_seconds: ClassVar[float] = 60.0
    rest: ClassVar[Rest] = Rest()
    canary: ClassVar[Canary | None] = None

    def __init__(self, context: SourceContext) -> None:
        self.context = context
        self.http = context.http

    @classmethod
    def names_ids(cls) -> str:
        """The word under which ids of its entries are known: `id_name`, or its own name."""
        return cls.id_name or cls.name

    @classmethod
    def rules(cls, base_url: str | None = None, ttl: float | None = None) -> ServiceRules:
        """What the cache and the limiter must know about this site."""
        base = (base_url or cls.base_url).rstrip("/")
        return ServiceRules(
            service=cls.name,
            ttl=ttl if ttl is not None else cls.freshness.ttl,
            grace=cls.freshness.grace,
            negative_ttl=cls.freshness.negative_ttl,
            post_urls=tuple(base + path for path in cls.post_paths),
            rates=cls.limits,
            bans=cls.bans,
            refuse=cls.refuse,
            keeps=cls.keeps,
            rest=cls.rest,
        )

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """Say why ``reply`` is not data (ban, challenge, error in disguise), or ``None`` when it is."""
        return None

    @classmethod
    def keeps(cls, reply: Reply) -> bool:
        """Whether ``reply``, which is data, is whole enough to be kept for its lifetime."""
        return True

    def check_configured(self) -> None:
        """Raise ``not_configured`` with the next step when a required setting is missing."""
        missing = [s for s in self.settings if s.required and not self.context.values.get(s.name)]
        if missing:
            names = ", ".join(s.variable_of(self.name) for s in missing)
            raise SourceError(
                Reason.NOT_CONFIGURED,
                f"{self.label} needs {names}",
                next_step=f"set {names} ({'; '.join(s.help for s in missing)}), or leave {self.name} out",
                source=self.name,
            )

    async def _read(self, reply: Answer, parse: Callable[[bytes], T]) -> T:
        """What ``parse`` makes of ``reply``; a reply that it refuses is forgotten and becomes the error of a fetch."""
        async with self.http.reading(reply):
            return parse(reply.body)

    async def _results_in(self, reply: Answer, parse: Callable[[bytes], list[T]]) -> list[T]:
        """The same for what a search or look-up gave; none at all is kept no longer than a 404."""
        found = await self._read(reply, parse)
        if not found:
            await self.http.found_nothing(reply)
        return found

    def _asked_for(self, record: SourceRecord, source_id: str) -> SourceRecord:
        """``record`` if it is about ``source_id``; raises ``mismatch`` for another's."""
        if record.source_id != source_id:
            message = f"asked for {source_id}, got {record.source_id}"
            raise SourceError(Reason.MISMATCH, message, source=self.name, other_id=record.source_id or "")
        return record

    def edition(self) -> str | None:
        """Which edition of the titles on the own disk a search goes through now; '' for who has none there.

        ``None`` while that is about to change.
        """
        return ""

    @abstractmethod
    async def search(self, query: Query) -> list[Candidate]:
        """Candidates for a title, best first as the site ranks them; may be empty."""

    async def lookup(self, ids: Mapping[str, str]) -> str | None:
        """This site's id for a work known elsewhere by ``ids`` (see `finds_by`); ``None`` when it has none."""
        return ids.get(self.name)

    async def read_list(self, listing: Listing, page: int = 1, quarter: Quarter | None = None) -> ListPage:
        """The ``page``-th part of one of ``lists``; of a season, that of ``quarter``. Raises `SourceError`."""
        raise SourceError(Reason.UNAVAILABLE, f"{self.label} offers no {listing.kind} list", source=self.name)

    @abstractmethod
    async def core(self, source_id: str) -> SourceRecord:
        """The main document alone: few requests, everything that decides identity."""

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """Add the long tail (episodes, characters, ...) within bounds; what fails is named in ``incomplete``."""
        return record

    async def fetch(self, source_id: str) -> SourceRecord:
        """Everything this site says about ``source_id``. Raises `SourceError`."""
        return await self.extend(await self.core(source_id))
