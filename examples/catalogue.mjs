// Read every record over HTTP and then follow the changes, with Node.js 18 or later and no package at all.
//   ENRICH_URL=http://127.0.0.1:8080 node catalogue.mjs            # ENRICH_TOKEN=... where tokens are set
//   ENRICH_URL=http://127.0.0.1:8080 node catalogue.mjs 10         # ends after ten changes
// The API must be open: HTTP_API=true HTTP_PORT=8080 anime-enrich up
const base = process.env.ENRICH_URL ?? "http://127.0.0.1:8080";
const headers = process.env.ENRICH_TOKEN ? { Authorization: `Bearer ${process.env.ENRICH_TOKEN}` } : {};
let left = Number(process.argv[2] ?? Infinity);
const works = new Map();

async function ask(path) {
  const reply = await fetch(base + path, { headers });
  const data = await reply.json();
  if (reply.status === 429 || reply.status === 503) {
    await new Promise((again) => setTimeout(again, 1000 * Number(reply.headers.get("Retry-After") ?? 1)));
    return ask(path);
  }
  if (!reply.ok && reply.status !== 410) throw new Error(`${data.title}: ${data.detail}`);
  return data;
}

/** Every record, or those made after what `path` names; returns where the changes begin. */
async function snapshot(path) {
  for (;;) {
    const page = await ask(path);
    for (const one of page.records) works.set(one.anime_id, one.record);
    if (page.cursor === null) return page.resume;
    path = `/v1/snapshot?profile=slim&cursor=${encodeURIComponent(page.cursor)}`;
  }
}

let resume = await snapshot("/v1/snapshot?profile=slim");
console.log(`${works.size} works; the changes begin after ${resume}`);

while (left > 0) {
  const page = await ask(`/v1/changes?profile=slim&wait=30&since=${resume}`);
  if (page.snapshot) {
    // we were away for longer than changes are kept: read what was missed
    resume = await snapshot(page.snapshot);
    continue;
  }
  for (const { anime_id, revision, record } of page.changes) {
    works.set(anime_id, record);
    console.log(`${anime_id} is now in revision ${revision}: ${record.title ?? ""}`);
    left -= 1;
  }
  resume = page.resume; // keep this with the data: it is where to go on after a restart
}
