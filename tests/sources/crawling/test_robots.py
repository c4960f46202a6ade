"""robots.txt by RFC 9309."""

from __future__ import annotations

import time

import pytest

from sources.crawling.robots_file import MAX_LETTERS, parse_robots

SITE = "https://site.example"


def allowed(text: str, path: str) -> bool:
    return parse_robots(text).allows(SITE + path)


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("", "/anything", True),
        ("Disallow: /", "/anything", False),
        ("Disallow:", "/anything", True),
        ("Disallow: /a", "/b", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a\nDisallow: /a/b", "/a/b/c", False),
        ("Disallow: /page\nAllow: /page", "/page", True),
        ("Disallow: /*.php$", "/x/index.php", False),
        ("Disallow: /*.php$", "/x/index.php5", True),
        ("Disallow: /*/edit", "/a/b/edit/c", False),
        ("Disallow: /a*b*c$", "/abcbc", False),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /*?q=", "/search?q=x", False),
        ("Disallow: /%7Ejoe", "/~joe/x", False),
        ("Disallow: /ä", "/%C3%A4/x", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /", "/robots.txt", True),
        ("disallow : /a # private", "/a", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, expected: bool) -> None:
    assert allowed(f"User-agent: *\n{rules}", path) is expected


def test_our_own_group_replaces_the_one_for_all() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-Agent: Anime-Enrich\nDisallow: /private"
    assert allowed(text, "/anime/1")
    assert not allowed(text, "/private/x")


def test_groups_that_name_us_twice_count_as_one() -> None:
    text = "User-agent: anime-enrich\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: anime-enrich\nDisallow: /c"
    assert [allowed(text, path) for path in ("/a", "/b", "/c")] == [False, True, False]


def test_several_agents_share_the_rules_below_them() -> None:
    text = "User-agent: other\nUser-agent: anime-enrich\nCrawl-delay: 7.5\nDisallow: /a"
    robots = parse_robots(text)
    assert (robots.delay, robots.allows(SITE + "/a")) == (7.5, False)


def test_text_that_is_no_robots_file_forbids_nothing() -> None:
    assert allowed("<!DOCTYPE html><html><body>Disallow: /</body></html>", "/a")


def test_a_hostile_pattern_costs_no_time() -> None:
    started = time.process_time()
    assert allowed(f"User-agent: *\nDisallow: /{'*a' * 5_000}$", "/" + "a" * 4_000)
    assert time.process_time() - started < 1


def test_what_stands_after_the_size_that_is_read_does_not_count() -> None:
    rule = "User-agent: *\nDisallow: /a\n"
    assert not allowed(rule + "#" * MAX_LETTERS, "/a")
    assert allowed("#" * MAX_LETTERS + "\n" + rule, "/a")


@pytest.mark.parametrize("delay", ["-1", "inf", "nan", "99999999", "soon"])
def test_a_delay_that_makes_no_sense_is_none(delay: str) -> None:
    assert parse_robots(f"User-agent: *\nCrawl-delay: {delay}").delay is None
