"""Tokens: what the setting says of them, who is let in at once, and what guessing costs."""

from __future__ import annotations

import asyncio
import time

import pytest

from cache.rules import Rate
from streams.config.settings import Settings
from streams.config.tokens import RIGHTS, Token, digest_of, read_tokens
from streams.config.values import SettingsError
from streams.serving import tokens
from streams.serving.allowance import MOST_NAMES, Allowance
from streams.serving.tokens import Keyring, TooManyGuesses
from tests.support.clock import StoppedClock

SECRET = "a-secret-of-the-shop"
USUAL = (Rate(50, 1),)


def read(text: str) -> tuple[Token, ...]:
    return read_tokens("API_TOKENS", text, USUAL)


def test_a_token_has_a_name_a_right_a_secret_and_a_limit() -> None:
    shop, bot = read(f"shop:read:{SECRET}, bot:publish:{SECRET}-2:600/60")
    assert (shop.name, shop.right, shop.rates) == ("shop", "read", USUAL)
    assert (bot.name, bot.right, bot.rates) == ("bot", "publish", (Rate(600, 60),))
    assert SECRET not in repr(shop)


def test_each_right_includes_those_before_it() -> None:
    rights = [[Token("n", right, b"").may(wanted) for wanted in RIGHTS] for right in RIGHTS]
    assert rights == [[True, False, False], [True, True, False], [True, True, True]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"shop:write:{SECRET}", "no right"),
        ("shop:read:short", "needs 16"),
        ("shop:read", "needs 16"),
        (SECRET, "no right"),
        (f":read:{SECRET}", "no name"),
        (f"shop:read:{SECRET} and more", "needs 16"),
        (f"shop:read:publish-and-more:{SECRET}", "limit of shop"),
        (f"a:read:{SECRET},a:read:{SECRET}", "twice"),
    ],
)
def test_a_token_that_cannot_be_used_is_said_so_without_its_secret(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as told:
        read(text)
    assert SECRET not in str(told.value)


def test_the_settings_know_everybody_and_hide_the_secrets() -> None:
    given = {"API_TOKENS": f"shop:read:{SECRET}", "ADMIN_TOKEN": "admin", "API_LIMIT": "5/1"}
    settings = Settings.load(given, None)
    assert [(one.name, one.right, one.rates) for one in settings.tokens] == [
        ("shop", "read", (Rate(5, 1),)),
        ("ADMIN_TOKEN", "admin", (Rate(5, 1),)),
    ]
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"API_LIMIT": "off"}, "API_LIMIT"),
        ({"API_TOKENS": "shop"}, "API_TOKENS"),
    ],
)
def test_doors_that_could_not_work_are_told_at_the_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.load(given, None)


async def test_guesses_wait_for_one_another_and_get_slower_and_the_right_token_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "GUESS_SECONDS", 0.005)
    keys = Keyring(read(f"shop:read:{SECRET}"))
    began = time.monotonic()
    guesses = [asyncio.create_task(keys.holder("guess")) for _ in range(20)]
    await asyncio.sleep(0)
    assert (found := await keys.holder(SECRET)) and found.name == "shop"
    assert sum(one.done() for one in guesses) == 20 - tokens.MOST_WAITING
    told = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(one) for one in told].count(TooManyGuesses) == 20 - tokens.MOST_WAITING
    assert told.count(None) == tokens.MOST_WAITING
    assert time.monotonic() - began >= 0.005 * (2 ** (tokens.MOST_WAITING - 1) - 1)
    assert await Keyring([]).holder("") is None


def test_who_has_asked_often_enough_is_told_how_long_to_wait(clock: StoppedClock) -> None:
    allowance, rates = Allowance(), (Rate(2, 10), Rate(3, 60))
    assert [allowance.wait("shop", rates) for _ in range(3)] == [0, 0, 10]
    clock.now += 9
    assert allowance.wait("shop", rates) == 1
    assert allowance.wait("other", rates) == 0
    clock.now += 1
    assert [allowance.wait("shop", rates) for _ in range(2)] == [0, 50]


def test_strangers_names_do_not_pile_up(clock: StoppedClock) -> None:
    allowance = Allowance()
    for number in range(MOST_NAMES + 10):
        allowance.wait(str(number), USUAL)
    assert len(allowance._of) == MOST_NAMES


def test_the_digest_of_half_a_character_is_no_trouble() -> None:
    assert digest_of("\ud800")
