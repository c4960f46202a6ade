"""Lists of AniList: the entries of a season, and those that changed last. Pure."""

from __future__ import annotations

from typing import Any

from sources.anilist import answer
from sources.anilist.airing import episodes_aired
from sources.anilist.documents import ENTRIES_A_PAGE
from sources.errors import NotAnEntry
from sources.listing import ListPage, Row
from sources.parsing.json_reply import objects, whole


def parse_list(body: bytes) -> ListPage:
    """The rows of all pages of one answer, in the site's order. Raises `NotAnEntry` for anything else.

    Whether there is more tells the number of rows: ``hasNextPage`` has been true on a last page.
    """
    pages = [page for page in answer.data(body).values() if isinstance(page, dict) and "media" in page]
    if not pages:
        raise NotAnEntry("changed_layout", "the answer holds no Page")
    listed = [objects(page.get("media")) for page in pages]
    rows = [row for page in listed for media in page if (row := _row(media))]
    return ListPage(tuple(rows), len(listed[-1]) >= ENTRIES_A_PAGE)


def _row(media: dict[str, Any]) -> Row | None:
    number, mal = whole(media.get("id")), whole(media.get("idMal"))
    if number is None:
        return None
    ids = {"anilist": str(number), **({"mal": str(mal)} if mal else {})}
    changed = whole(media.get("updatedAt"))
    return Row(str(number), ids, changed_at=float(changed) if changed else None, aired=episodes_aired(media))
