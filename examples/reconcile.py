"""Which works a list of titles means, without guessing; needs nothing but Python.

    python reconcile.py http://127.0.0.1:8090/ "Cowboy Bebop" "Fruits Basket"

The service must be running: anime-enrich reconcile
"""

import json
import sys
from urllib.parse import urlencode
from urllib.request import urlopen


def reconcile(service, titles):
    """Each title with its candidates; a match among them is sure."""
    queries = {f"q{number}": {"query": title} for number, title in enumerate(titles)}
    form = urlencode({"queries": json.dumps(queries)}).encode()
    with urlopen(service, form, timeout=120) as reply:  # noqa: S310 - the address is the caller's own
        found = json.load(reply)
    return {title: found[f"q{number}"]["result"] for number, title in enumerate(titles)}


def main(service, *titles):
    """One line a title."""
    for title, candidates in reconcile(service, titles).items():
        match = next((one for one in candidates if one["match"]), None)
        may_be = ", ".join(f"{one['id']} {one['name']} ({one['description']})" for one in candidates)
        print(f"{title}: {match['id']}" if match else f"{title}: not sure; {may_be or 'nothing near'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
