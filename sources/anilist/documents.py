"""The GraphQL documents that are sent to AniList; checked against its schema by a test."""

from __future__ import annotations

from typing import Any

PAGE_SIZE = 25
"""Entries a page of characters, staff or airing times; more is not given."""

ENTRIES_A_PAGE = 50
"""Entries that one ``Page`` gives at most."""

_CANDIDATE = """
fragment Candidate on Media {
  id
  idMal
  title { romaji english native }
  synonyms
  format
  seasonYear
  startDate { year month day }
  episodes
  relations { edges { relationType(version: 3) node { id idMal type } } }
}
"""
"""Each field is one less that fits into a joint search; the address of an entry follows from its id."""

_PARTS = """
fragment Cast on CharacterConnection {
  pageInfo { hasNextPage }
  edges {
    role
    node {
      id
      name { full native alternative }
      image { large }
      gender
    }
    voiceActorRoles(sort: [RELEVANCE, ID]) {
      voiceActor {
        id
        name { full native }
        languageV2
        image { large }
      }
    }
  }
}

fragment Crew on StaffConnection {
  pageInfo { hasNextPage }
  edges {
    role
    node {
      id
      name { full native }
      languageV2
      image { large }
    }
  }
}

fragment Airings on AiringScheduleConnection {
  pageInfo { hasNextPage }
  nodes { episode airingAt }
}
"""

SEARCH = (
    """
query AnimeSearch($search: String!, $perPage: Int!) {
  Page(page: 1, perPage: $perPage) {
    media(search: $search, type: ANIME, sort: [SEARCH_MATCH]) { ...Candidate }
  }
}
"""
    + _CANDIDATE
)
"""Titles like ``$search``, adult ones included."""

_ENTRY = """
id
idMal
type
format
status(version: 2)
title { romaji english native }
synonyms
description(asHtml: false)
startDate { year month day }
endDate { year month day }
season
seasonYear
episodes
duration
countryOfOrigin
isLicensed
isAdult
source(version: 3)
hashtag
updatedAt
siteUrl
coverImage { extraLarge large medium }
bannerImage
trailer { id site thumbnail }
genres
tags { name category rank isGeneralSpoiler isMediaSpoiler isAdult }
averageScore
meanScore
popularity
favourites
trending
rankings { rank type allTime year season }
stats { scoreDistribution { score amount } statusDistribution { status amount } }
nextAiringEpisode { episode airingAt }
studios { edges { isMain node { id name isAnimationStudio } } }
externalLinks { site url type language isDisabled notes }
streamingEpisodes { title thumbnail url site }
relations {
  edges {
    relationType(version: 3)
    node {
      id
      idMal
      type
      format
      title { romaji english native }
      startDate { year month day }
      siteUrl
    }
  }
}
characters(page: 1, perPage: $perPage, sort: [ROLE, RELEVANCE, ID]) { ...Cast }
staff(page: 1, perPage: $perPage, sort: [RELEVANCE, ID]) { ...Crew }
airingSchedule(page: 1, perPage: $perPage) { ...Airings }
"""
"""What is asked of a ``Media``; the same text alone and in lists, so that an entry is the same by either way."""

CORE = "query AnimeCore($id: Int!, $perPage: Int!) { Media(id: $id, type: ANIME) {" + _ENTRY + "} }" + _PARTS
"""One entry with the first page of everything that has pages."""

CORE_BY_MAL = (
    "query AnimeCoreByMal($idMal: Int!, $perPage: Int!) { Media(idMal: $idMal, type: ANIME) {"
    + _ENTRY
    + "} }"
    + _PARTS
)
"""The same of the entry that names ``$idMal`` as its MyAnimeList id."""


PAGES = (
    """
query AnimePages(
  $id: Int!, $page: Int!, $perPage: Int!, $characters: Boolean!, $staff: Boolean!, $episodes: Boolean!
) {
  Media(id: $id, type: ANIME) {
    id
    characters(page: $page, perPage: $perPage, sort: [ROLE, RELEVANCE, ID]) @include(if: $characters) { ...Cast }
    staff(page: $page, perPage: $perPage, sort: [RELEVANCE, ID]) @include(if: $staff) { ...Crew }
    airingSchedule(page: $page, perPage: $perPage) @include(if: $episodes) { ...Airings }
  }
}
"""
    + _PARTS
)
"""Page ``$page`` of the parts that still have one, main characters first."""


def searches(count: int) -> str:
    """``count`` searches in one document: ``$s0``, ``$s1``, ... under the names ``s0``, ``s1``, ..."""
    declared = " ".join(f"$s{number}: String!" for number in range(count))
    found = " ".join(
        f"s{number}: Page(page: 1, perPage: $perPage) "
        f"{{ media(search: $s{number}, type: ANIME, sort: [SEARCH_MATCH]) {{ ...Candidate }} }}"
        for number in range(count)
    )
    return f"query AnimeSearches($perPage: Int!, {declared}) {{ {found} }}{_CANDIDATE}"


def entries(argument: str, pages: int) -> str:
    """``pages`` pages of the entries whose id is among ``$ids``; ``argument`` is ``id_in`` or ``idMal_in``."""
    found = " ".join(
        f"p{number}: Page(page: {number}, perPage: {ENTRIES_A_PAGE}) "
        f"{{ media({argument}: $ids, type: ANIME, sort: [ID]) {{ ...Entry }} }}"
        for number in range(1, pages + 1)
    )
    head = f"query AnimeEntries($ids: [Int]!, $perPage: Int!) {{ {found} }}"
    return f"{head} fragment Entry on Media {{ {_ENTRY} }}{_PARTS}"


PAGES_OF_A_LIST = 4
"""Pages of a list in one request; so many have been seen to count as one."""

_ROW = "fragment Row on Media { id idMal updatedAt nextAiringEpisode { episode } }"


def _listed(declared: str, filters: str) -> str:
    """A document for `PAGES_OF_A_LIST` pages from page ``$p1`` on."""
    numbers = range(1, PAGES_OF_A_LIST + 1)
    pages = " ".join(
        f"p{number}: Page(page: $p{number}, perPage: {ENTRIES_A_PAGE}) {{ media({filters}) {{ ...Row }} }}"
        for number in numbers
    )
    return f"({declared}{' '.join(f'$p{number}: Int!' for number in numbers)}) {{ {pages} }} {_ROW}"


SEASON = "query AnimeSeason" + _listed(
    "$season: MediaSeason! $year: Int! ", "season: $season, seasonYear: $year, type: ANIME, sort: [ID]"
)
"""The entries of a season; sorted by id, so that none moves from page to page while they are read."""

CHANGES = "query AnimeChanges" + _listed("", "type: ANIME, sort: [UPDATED_AT_DESC]")
"""The entries that changed last, the newest first."""


def pages_of_a_list(page: int) -> dict[str, int]:
    """The variables that ask for the ``page``-th request's worth of a list, counted from 1."""
    first = (page - 1) * PAGES_OF_A_LIST
    return {f"p{number}": first + number for number in range(1, PAGES_OF_A_LIST + 1)}


def request(name: str, document: str, **variables: Any) -> dict[str, Any]:
    """The body of one request; the same arguments always give the same body, so that it can be cached by it."""
    return {"operationName": name, "query": " ".join(document.split()), "variables": variables}
