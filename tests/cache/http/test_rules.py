"""The rule book: dates, directives, ages, lifetimes, variants, secrets."""

from __future__ import annotations

import email.utils
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from cache.freshness import Freshness, agreed_freshness, declared_freshness
from cache.headers import directive_seconds, http_date, parse_directives
from cache.http.admission import admit, seconds_to_keep
from cache.http.query import CacheQuery
from cache.http.secrets import credentials, fingerprint, is_secret_name, redact_url
from cache.http.selection import Use, fit_for_error, select_entry
from cache.http.vary import selecting_headers, selects
from cache.rules import DAY, ServiceRules
from cache.store.codec import CorruptValueError, pack_entry, unpack_entry, unseal
from cache.store.entry import StoredEntry

NOW = 1_700_000_000.0


def query(**headers: str) -> CacheQuery:
    fields = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    directives = parse_directives(fields.getall("Cache-Control", ()))
    return CacheQuery("GET", "http://a/", "key", fields, directives, plain=not directives)


def stored(freshness: Freshness, **chosen_by: str | None) -> StoredEntry:
    return StoredEntry(b"i" * 16, "GET", "http://a/", chosen_by, 200, "OK", CIMultiDict(), freshness, b"x")


@given(st.integers(0, 4_000_000_000))
def test_a_date_is_read_back_as_written(seconds: int) -> None:
    assert http_date(email.utils.formatdate(seconds, usegmt=True)) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-1",
        "Tue, 03 Nov 2026",
        "Tue, 03 Nov 2026 10:00:00 CET",
        "2026-11-03T10:00:00Z",
        "Tue, 33 Nov 2026 10:00:00 GMT",
    ],
)
def test_an_invalid_date_is_no_date(text: str) -> None:
    assert http_date(text) is None


def test_all_three_date_forms_are_read() -> None:
    forms = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994")
    assert {http_date(form) for form in forms} == {784111777.0}


def test_the_first_of_a_repeated_directive_counts_and_a_number_that_is_none_is_zero() -> None:
    directives = parse_directives(['max-age=5, max-age=7, no-cache="a, b", s-maxage=x, Public'])
    assert directives == {"max-age": "5", "no-cache": "a, b", "s-maxage": "x", "public": None}
    assert [directive_seconds(directives, name) for name in ("max-age", "s-maxage", "min-fresh")] == [
        5,
        0,
        None,
    ]


@given(st.text())
def test_no_directive_line_breaks_the_parser(line: str) -> None:
    assert all(name == name.lower() for name in parse_directives([line]))


def test_age_counts_against_the_lifetime() -> None:
    headers = CIMultiDict({"Cache-Control": "max-age=100", "Age": "60"})
    fresh = declared_freshness(200, headers, sent=NOW - 5, received=NOW)
    assert fresh.left(NOW) == 35


def test_a_wrong_clock_at_the_origin_does_not_age_an_answer_kept_by_our_rule() -> None:
    rules = ServiceRules("demo", jitter=0)
    headers = CIMultiDict(
        {"Date": "Tue, 03 Nov 1998 10:00:00 GMT", "Cache-Control": "no-store", "Expires": "-1"}
    )
    admission = admit(query(), rules, 200, headers, sent=NOW, received=NOW)
    assert admission is not None
    assert admission.freshness.left(NOW) == DAY
    assert seconds_to_keep(rules, admission.freshness, NOW) == 2 * DAY


def test_lifetimes_are_spread_by_a_tenth() -> None:
    rules = ServiceRules("demo", ttl=1000)
    admitted = [admit(query(), rules, 200, CIMultiDict(), sent=NOW, received=NOW) for _ in range(200)]
    lifetimes = [one.freshness.lifetime for one in admitted if one]
    assert 900 <= min(lifetimes) < 950 < 1050 < max(lifetimes) <= 1100


@pytest.mark.parametrize("status", [201, 204, 206, 302, 304, 307, 400, 401, 403, 405, 408, 429, 500, 503])
def test_only_known_good_statuses_are_kept_by_our_rule(status: int) -> None:
    headers = CIMultiDict({"Cache-Control": "max-age=60"})
    assert admit(query(), ServiceRules("demo"), status, headers, sent=NOW, received=NOW) is None


def test_a_missing_entry_never_stands_in() -> None:
    admission = admit(query(), ServiceRules("demo"), 404, CIMultiDict(), sent=NOW, received=NOW)
    assert admission is not None
    entry = stored(admission.freshness)
    later = NOW + 10_000
    assert select_entry(query(), [entry], later).use is Use.CHECK_FIRST
    assert fit_for_error(query(), [entry], 0.0, later) is None


@pytest.mark.parametrize(
    ("asked", "age", "use"),
    [
        ("", 50, Use.FRESH),
        ("", 150, Use.STALE_REFRESHING),
        ("", 350, Use.CHECK_FIRST),
        ("no-cache", 50, Use.CHECK_FIRST),
        ("no-store", 50, Use.CHECK_FIRST),
        ("max-age=40", 50, Use.CHECK_FIRST),
        ("max-age=60", 50, Use.FRESH),
        ("min-fresh=60", 50, Use.CHECK_FIRST),
        ("max-stale", 5000, Use.STALE_ALLOWED),
        ("max-stale=60", 150, Use.STALE_ALLOWED),
        ("max-stale=10", 350, Use.CHECK_FIRST),
    ],
)
def test_the_request_has_a_say(asked: str, age: float, use: Use) -> None:
    entry = stored(agreed_freshness(100, 200, NOW))
    wishes = query(Cache_Control=asked) if asked else query()
    assert select_entry(wishes, [entry], NOW + age).use is use


def test_the_newest_of_several_fresh_variants_is_used() -> None:
    entries = [stored(agreed_freshness(100, 0, NOW + offset)) for offset in (0, 5, 3)]
    chosen = select_entry(query(), entries, NOW + 10)
    assert chosen.entry is not None
    assert chosen.entry.freshness.received == NOW + 5


def test_a_variant_serves_only_requests_that_would_be_given_it() -> None:
    response = CIMultiDict({"Vary": "Accept-Language, X-Token"})
    chosen = selecting_headers(CIMultiDict({"Accept-Language": "en, de", "X-Token": "hush"}), response)
    assert "hush" not in repr(chosen)
    assert selects(CIMultiDict({"Accept-Language": "DE,en", "X-Token": "hush"}), chosen)
    assert not selects(CIMultiDict({"Accept-Language": "fr", "X-Token": "hush"}), chosen)
    assert not selects(CIMultiDict({"Accept-Language": "en, de", "X-Token": "other"}), chosen)
    assert not selects(CIMultiDict(), selecting_headers(CIMultiDict(), CIMultiDict({"Vary": "*"})))


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Cookie", "X-Api-Key", "apikey", "X-Auth-Token", "X-MAL-Client-ID", "access_token"],
)
def test_headers_and_parameters_that_carry_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)
    assert dict(credentials(CIMultiDict({name: "s3cr3t"})))
    assert "s3cr3t" not in repr(credentials(CIMultiDict({name: "s3cr3t"})))


def test_secrets_are_taken_out_of_addresses() -> None:
    url = redact_url(URL("http://user:s3cr3t@a/x?q=open&token=s3cr3t&pin=s3cr3t"), ("pin",))
    assert "s3cr3t" not in url and "q=open" in url
    assert url != redact_url(URL("http://a/x?q=open&token=other&pin=s3cr3t"), ("pin",))
    assert "s3cr3t" not in redact_url(URL("http://a/?to%6ben=s3cr3t"))
    assert "s3cr3t" not in redact_url(URL("http://a/?to%6ben=s3cr3t", encoded=True))
    assert "s3cr3t" not in redact_url(URL("http://a/?pin=s3cr3t"), ("pin",))


def test_a_stand_in_for_a_secret_is_no_digest_that_a_table_of_digests_knows() -> None:
    assert fingerprint("s3cr3t") == fingerprint("s3cr3t") != fingerprint("s3cr4t")
    assert fingerprint("s3cr3t") != hashlib.sha256(b"s3cr3t").hexdigest()[:32]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    body=st.binary(max_size=20_000),
    headers=st.lists(st.tuples(TEXTS, TEXTS), max_size=5),
    status=st.integers(200, 599),
)
def test_an_entry_is_read_back_as_written(body: bytes, headers: list[tuple[str, str]], status: int) -> None:
    entry = stored(agreed_freshness(100, 200, NOW))._replace(
        body=body, headers=CIMultiDict(headers), status=status
    )
    assert unpack_entry(entry.id, pack_entry(entry)) == entry


@given(st.data())
def test_no_damage_goes_unnoticed(data: st.DataObject) -> None:
    blob = bytearray(pack_entry(stored(agreed_freshness(100, 200, NOW))._replace(body=b"body " * 3000)))
    where = data.draw(st.integers(0, len(blob) - 1))
    blob[where] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CorruptValueError):
        unseal(bytes(blob))
    with pytest.raises(CorruptValueError):
        unseal(bytes(blob[:where]))
