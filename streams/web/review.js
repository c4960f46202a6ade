"use strict";
// Decides by keys: the next one is on the page already, the answer is sent meanwhile, and none is lost.
(() => {
  const queue = document.getElementById("queue");
  const left = document.getElementById("left");
  const told = document.getElementById("told");
  const done = document.getElementById("done");
  const token = document.getElementById("token");
  if (!queue || !token) return;
  const SETTLED = 5000, TWICE = 300, ENOUGH = 8, KEPT = "anime-enrich-token", OUTBOX = "anime-enrich-decisions";
  const known = new Set([...queue.children].map((one) => one.dataset.key));
  const taken = [];
  let sending = Promise.resolve(), unsent = 0, pressed = { key: "", at: 0 }, fetching = false, exhausted = false;
  token.value = sessionStorage.getItem(KEPT) || "";

  const current = () => [...queue.children].find((one) => !one.hidden);
  const say = (words, bad = false) => {
    told.textContent = words;
    told.hidden = !words;
    told.classList.toggle("bad", bad);
  };
  const show = (one) => {
    for (const other of queue.children) other.hidden = other !== one;
    done.hidden = Boolean(one);
    if (!one) return;
    one.querySelector("h2").focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  };
  let counted = -Infinity, heard = null;
  const count = (by) => {
    left.textContent = Math.max(0, Number(left.textContent) + by);
    counted = performance.now();
  };
  // What the server saw may be from before our last answer: it is believed once that is surely over.
  const believe = () => {
    if (heard === null) return;
    if (unsent || performance.now() - counted < SETTLED) { setTimeout(believe, 500); return; }
    left.textContent = heard;
    heard = null;
  };

  const more = async () => {
    const waiting = [...queue.children].filter((one) => !one.dataset.taken).length;
    if (fetching || exhausted || waiting >= ENOUGH) return;
    fetching = true;
    try {
      for (let start = 0; ; start += 20) {
        const reply = await fetch(`/review?start=${start}`);
        const page = new DOMParser().parseFromString(await reply.text(), "text/html");
        const found = [...page.querySelectorAll("#queue > li")];
        const fresh = found.filter((one) => !known.has(one.dataset.key));
        for (const one of fresh) {
          known.add(one.dataset.key);
          one.hidden = true;
          queue.append(document.adoptNode(one));
        }
        if (fresh.length || !found.length) { exhausted = !fresh.length; break; }
      }
    } catch (error) {
      console.warn("more could not be fetched:", error);
    } finally {
      fetching = false;
      if (!current()) show([...queue.children].find((one) => !one.dataset.taken));
    }
  };

  const send = async (path, fields) => {
    for (let pause = 500; ; pause = Math.min(2 * pause, 8000)) {
      try {
        const reply = await fetch(path, {
          method: "POST",
          keepalive: true,
          headers: { Accept: "application/json", Authorization: `Bearer ${token.value}` },
          body: new URLSearchParams(fields),
        });
        const body = await reply.json();
        if (reply.ok) return body;
        if (reply.status < 500) throw Object.assign(new Error(body.message || reply.statusText), { final: true });
      } catch (error) {
        if (error.final) throw error;
      }
      say("Not sent yet; it is tried again by itself.", true);
      await new Promise((go) => setTimeout(go, pause));
    }
  };
  const inTurn = (work) => {
    unsent += 1;
    sending = sending.catch(() => {}).then(work).finally(() => { unsent -= 1; });
    return sending;
  };
  // What is not answered yet outlives a reload; sent twice it is one decision.
  const outbox = () => JSON.parse(sessionStorage.getItem(OUTBOX) || "[]");
  const keep = (list) => sessionStorage.setItem(OUTBOX, JSON.stringify(list));
  const post = (fields) => {
    keep([...outbox(), fields]);
    return inTurn(async () => {
      try {
        return await send("/review/decide", fields);
      } finally {
        keep(outbox().filter((one) => one.key !== fields.key));
      }
    });
  };

  const back = (one, why) => {
    delete one.dataset.taken;
    count(1);
    queue.prepend(one);
    show(one);
    if (why) say(why, true);
  };
  const decide = (choice) => {
    const one = current();
    if (!one) return;
    if (!token.value) {
      say("Type the token first.", true);
      token.focus();
      return;
    }
    const form = one.querySelector("form");
    const fields = { key: form.elements.key.value, mark: form.elements.mark.value, choice };
    if (!form.querySelector(`button[value="${choice}"]`)) return;
    const step = { one, key: fields.key, decision: "" };
    one.dataset.taken = "1";
    taken.push(step);
    count(-1);
    show([...queue.children].find((other) => !other.dataset.taken && other !== one));
    say("");
    sessionStorage.setItem(KEPT, token.value);
    post(fields).then((answer) => {
      step.decision = answer.decision;
      if (answer.word === "changed") say("The evidence of one is another by now; it waits again.", true);
    }, (error) => {
      sessionStorage.removeItem(KEPT);
      taken.splice(taken.indexOf(step), 1);
      back(one, error.message);
    });
    more();
  };
  // What was decided before this page was there: by its button, or by the key the newest that holds, whoever decided it.
  const bring = async (key) => {
    const reply = await fetch(`/review?key=${encodeURIComponent(key)}`);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const one = page.querySelector("#queue > li");
    if (!one) return;
    for (const other of [...queue.children]) if (other.dataset.key === key) other.remove();
    taken.splice(0, taken.length, ...taken.filter((step) => step.key !== key));
    known.add(key);
    queue.prepend(document.adoptNode(one));
    show(one);
  };
  const earlier = (fields, form = null) => {
    if (!token.value) {
      say("Type the token first.", true);
      token.focus();
      return;
    }
    inTurn(async () => {
      const answer = await send("/review/undo", fields);
      sessionStorage.setItem(KEPT, token.value);
      const all = [...document.querySelectorAll("#lately form")];
      (form || all.find((one) => one.elements.key.value === answer.key))?.closest("li").remove();
      if (answer.word !== "decided") { say("Nothing is left to take back.", true); return; }
      left.textContent = answer.left;
      counted = performance.now();
      await bring(answer.key);
      say(`Taken back: ${answer.title}.`);
    }).catch((error) => say(error.message, true));
  };
  document.getElementById("lately")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const { key, decision } = event.target.elements;
    earlier({ key: key.value, decision: decision.value }, event.target);
  });
  const undo = () => {
    const step = taken.pop();
    if (!step) {
      earlier({ last: "1" });
      return;
    }
    back(step.one, "");
    say("Taken back.");
    inTurn(async () => {
      if (step.decision) await send("/review/undo", { key: step.key, decision: step.decision });
    }).catch((error) => say(error.message, true));
  };
  const later = () => {
    const one = current();
    if (!one) return;
    queue.append(one);
    show([...queue.children].find((other) => !other.dataset.taken));
    more();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input")) return;
    const twice = event.key === pressed.key && event.timeStamp - pressed.at < TWICE;
    const key = event.key.toLowerCase();
    if (!/^[1-9nsu]$/.test(key)) return;
    event.preventDefault();
    if (twice && key !== "u") return;
    pressed = { key: event.key, at: event.timeStamp };
    if (key === "u") undo();
    else if (key === "s") later();
    else decide(key === "n" ? "0" : key);
  });
  queue.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(event.submitter.value);
  });
  token.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { token.blur(); show(current()); }
  });
  window.addEventListener("beforeunload", (event) => { if (unsent) event.preventDefault(); });
  // Hears how many wait, whoever else decides; what is new is fetched at once.
  let source = null;
  const listen = () => {
    source = document.hidden ? null : new EventSource("/live?page=/review");
    source?.addEventListener("parts", (event) => {
      const [part] = JSON.parse(event.data);
      if (part) {
        heard = part.replace(/<[^>]*>/g, "");
        believe();
      }
      exhausted = false;
      more();
    });
  };
  document.addEventListener("visibilitychange", () => { source?.close(); listen(); });
  listen();
  document.getElementById("who").hidden = false;
  for (const fields of outbox()) {
    const one = [...queue.children].find((other) => other.dataset.key === fields.key);
    if (one) one.remove();
    keep(outbox().filter((other) => other.key !== fields.key));
    post(fields).catch((error) => say(error.message, true));
  }
  if (!current()) show(queue.firstElementChild);
  more();
})();
