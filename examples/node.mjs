// Publish a title and wait for its record, with Node.js 18 or later and no package at all: Redis speaks a plain protocol.
//   REDIS_URL=redis://localhost:6379 node node.mjs "Cowboy Bebop"
// With the package `redis` or `ioredis` it is the same two commands: XADD and XREAD.
// A worker must be running: anime-enrich up
import net from "node:net";

const url = new URL(process.env.REDIS_URL ?? "redis://localhost:6379");
const prefix = process.env.STREAM_PREFIX ?? "anime";
const title = process.argv[2] ?? "Cowboy Bebop";

/** A connection that sends one command at a time. */
class Client {
  #socket;
  #bytes = Buffer.alloc(0);
  #waiting;

  constructor(url) {
    this.#socket = net.connect(Number(url.port || 6379), url.hostname);
    this.#socket.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      const found = read(this.#bytes, 0);
      if (!found) return;
      this.#bytes = this.#bytes.subarray(found.end);
      if (found.value instanceof Error) this.#waiting.reject(found.value);
      else this.#waiting.resolve(found.value);
    });
    this.#socket.on("error", (error) => this.#waiting?.reject(error));
  }

  send(...words) {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#socket.write(`*${words.length}\r\n${parts.join("")}`);
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  close() {
    this.#socket.end();
  }
}

/** The answer that begins at `at`, or nothing while it is not complete. */
function read(bytes, at) {
  const stop = bytes.indexOf("\r\n", at);
  if (stop < 0) return undefined;
  const kind = String.fromCharCode(bytes[at]);
  const text = bytes.toString("utf8", at + 1, stop);
  const end = stop + 2;
  if (kind === "+") return { value: text, end };
  if (kind === "-") return { value: new Error(text), end };
  if (kind === ":") return { value: Number(text), end };
  const length = Number(text);
  if (length < 0) return { value: null, end };
  if (kind === "$") {
    if (bytes.length < end + length + 2) return undefined;
    return { value: bytes.toString("utf8", end, end + length), end: end + length + 2 };
  }
  const value = [];
  let next = end;
  for (let index = 0; index < length; index++) {
    const item = read(bytes, next);
    if (!item) return undefined;
    value.push(item.value);
    next = item.end;
  }
  return { value, end: next };
}

/** `[name, value, name, value]` as an object. */
const asObject = (flat) =>
  Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]]));

const client = new Client(url);
if (url.password) await client.send("AUTH", url.username || "default", decodeURIComponent(url.password));
if (url.pathname.length > 1) await client.send("SELECT", url.pathname.slice(1));

const replies = `replies:example:${process.pid}`;
const id = await client.send(
  "XADD", `${prefix}:requests`, "*", "title", title, "reply_to", replies, "priority", "interactive",
);
console.error(`published ${id}`);

const answer = await client.send("XREAD", "BLOCK", "120000", "COUNT", "1", "STREAMS", replies, "0");
await client.send("UNLINK", replies);
client.close();
if (!answer) {
  console.error("no output in two minutes; is a worker running?");
  process.exit(1);
}

const [[, [[, flat]]]] = answer;
const fields = asObject(flat);
const record = JSON.parse(fields.data);
console.log(fields.status, fields.anime_id, record.title, record.year ?? "");
for (const [source, report] of Object.entries(record.sources ?? {})) console.log(" ", source, report.outcome);
