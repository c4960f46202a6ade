"""Ask for a title over HTTP and wait for its record; needs Python alone.

    ENRICH_URL=http://127.0.0.1:8080 ENRICH_TOKEN=... python http_api.py "Cowboy Bebop"

The API must be open, with a token that may publish:

    HTTP_API=true HTTP_PORT=8080 API_TOKENS=me:publish:<secret> anime-enrich up
"""

import json
import os
import sys
import urllib.error
import urllib.request

BASE = os.environ.get("ENRICH_URL", "http://127.0.0.1:8080")
HEADERS = {
    "Authorization": f"Bearer {os.environ.get('ENRICH_TOKEN', '')}",
    "Content-Type": "application/json",
}


def ask(path, body=None):
    """The answer as JSON; a problem is printed and ends the program."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(BASE + path, data, HEADERS)  # noqa: S310 - an address of our own
    try:
        with urllib.request.urlopen(request, timeout=90) as reply:  # noqa: S310 - the same
            return json.load(reply)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['title']}: {problem['detail']}")


def main(title):
    """Post once; as long as it is not done, look again."""
    found = ask("/v1/enrich?wait=30&profile=slim", {"title": title})
    while found["state"] != "done":
        found = ask(f"/v1/requests/{found['request_id']}?wait=30&profile=slim")
    if found.get("record"):
        record = found["record"]
        print(found["status"], record["anime_id"], record["title"], record.get("year", ""))
    else:
        may_be = [one["title"] for one in found["refusal"].get("candidates", [])]
        print(found["status"], ", ".join(may_be))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "Cowboy Bebop")
