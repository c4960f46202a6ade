"""One title from every real site; only with ``ENABLE_LIVE_API_TESTS=1``, because sites are to be left in peace."""

from __future__ import annotations

import os

import aiohttp
import pytest

from sources import discover
from sources.base import Query, SourceContext
from sources.errors import Reason, SourceError
from sources.http import Http

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        os.environ.get("ENABLE_LIVE_API_TESTS") != "1", reason="ENABLE_LIVE_API_TESTS is not 1"
    ),
]


@pytest.mark.parametrize("name", [name for name, cls in discover().items() if not cls.crawled])
async def test_a_real_site_knows_cowboy_bebop(name: str) -> None:
    cls = discover()[name]
    values = {s.name: os.environ.get(f"{name.upper()}_{s.name}", s.default or "") for s in cls.settings}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        source = cls(SourceContext(cls.base_url, Http(name, lambda: session, cls.refuse), values))
        try:
            found = await source.search(Query("Cowboy Bebop"))
            record = await source.core(found[0].id)
        except SourceError as error:
            if error.reason is Reason.NOT_CONFIGURED:
                pytest.skip(error.next_step)
            raise
    assert record.title
    assert "bebop" in record.title.lower()
