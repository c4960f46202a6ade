"use strict";
// What makes the pages pleasant; all of them work without it.
(() => {
  const main = document.getElementById("main");
  const storage = sessionStorage, KEPT = "anime-enrich-token", TRIED = "anime-enrich-tried";

  const spans = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const words = (seconds) => {
    const [name, length] = spans.find(([, one]) => Math.abs(seconds) >= one) || spans[3];
    const count = Math.round(Math.abs(seconds) / length);
    return seconds < 0 ? `in ${count} ${name}` : `${count} ${name} ago`;
  };
  const two = (number) => String(number).padStart(2, "0");
  const local = (date) =>
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
  const clock = (node) => {
    const date = new Date(node.dateTime);
    if (Number.isNaN(Number(date))) return;
    node.title = node.dateTime;
    const said = `${local(date)}, ${words((Date.now() - date) / 1000)}`;
    if (node.textContent !== said) node.textContent = said;
  };
  const clocks = (root = document) => root.querySelectorAll("time[datetime]").forEach(clock);

  // Tables: a click on a head sorts, a word above filters; what was chosen holds when a part is replaced.
  const chosen = new Map();
  const value = (row, column) => {
    const cell = row.cells[column];
    const time = cell.querySelector("time");
    const text = time ? time.dateTime : cell.textContent.trim();
    const number = Number(text.replace(/[, ]/g, "").match(/^-?[\d.]+/)?.[0] ?? NaN);
    return time || Number.isNaN(number) ? text.toLowerCase() : number;
  };
  const arrange = (table) => {
    const { column, down, wanted } = chosen.get(table.getAttribute("aria-label")) || {};
    const body = table.tBodies[0], rows = [...body.rows];
    if (column !== undefined) {
      rows.sort((a, b) => {
        const [one, other] = [value(a, column), value(b, column)];
        const order = typeof one === typeof other ? (one < other ? -1 : one > other ? 1 : 0) : typeof one === "number" ? -1 : 1;
        return down ? -order : order;
      });
      body.append(...rows);
    }
    for (const row of rows) row.hidden = Boolean(wanted) && !row.textContent.toLowerCase().includes(wanted);
    [...table.tHead.rows[0].cells].forEach((head, n) => {
      if (n === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };
  const choose = (table, change) => {
    const name = table.getAttribute("aria-label");
    chosen.set(name, { ...chosen.get(name), ...change });
    arrange(table);
  };
  const handle = (table) => {
    if (!table.tHead || table.tBodies[0].rows.length < 8 || table.dataset.handled || "sorted" in table.dataset) return;
    table.dataset.handled = "1";
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = chosen.get(table.getAttribute("aria-label")) || {};
        choose(table, { column, down: before.column === column && !before.down });
      });
    });
    const filter = document.createElement("input");
    filter.type = "search";
    filter.className = "filter";
    filter.placeholder = "Filter";
    filter.setAttribute("aria-label", `Filter ${table.getAttribute("aria-label")}`);
    filter.value = chosen.get(table.getAttribute("aria-label"))?.wanted || "";
    filter.addEventListener("input", () => choose(table, { wanted: filter.value.trim().toLowerCase() }));
    table.before(filter);
    arrange(table);
  };

  // Without https a browser has no clipboard for scripts, but a selection can be copied.
  const copy = async (words, beside) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(words);
    const field = document.createElement("textarea");
    field.value = words;
    beside.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    beside.focus();
  };

  const dress = (root = document) => {
    clocks(root);
    root.querySelectorAll("table").forEach(handle);
    for (const image of root.querySelectorAll(".poster img")) {
      const hide = () => { image.hidden = true; };
      image.addEventListener("error", hide);
      if (image.complete && !image.naturalWidth) hide();
    }
    for (const button of root.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await copy(button.dataset.copy, button);
        button.textContent = "copied";
      });
    }
    const token = storage.getItem(KEPT);
    for (const field of root.querySelectorAll("form.act input[name=token]")) {
      if (!token) continue;
      field.value = token;
      field.closest("label").hidden = true;
    }
  };
  // A token is remembered once it has opened something, for as long as the window is open.
  if (document.querySelector("[data-accepted]") && storage.getItem(TRIED)) storage.setItem(KEPT, storage.getItem(TRIED));
  else if (storage.getItem(TRIED) && storage.getItem(TRIED) === storage.getItem(KEPT)) storage.removeItem(KEPT);
  storage.removeItem(TRIED);
  document.addEventListener("submit", (event) => {
    const field = event.target.querySelector("input[name=token]");
    if (field && event.target.matches("form.act")) storage.setItem(TRIED, field.value);
  });
  dress();
  setInterval(clocks, 15000);

  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  const away = (why) => {
    main.classList.toggle("away", why !== "");
    if (why === "") told.remove();
    else if (!told.isConnected) {
      told.textContent = `${why} since ${new Date().toLocaleTimeString()}; this page looks again by itself.`;
      main.before(told);
    }
  };
  const used = (part) =>
    part.contains(document.activeElement) || part.matches(":hover:active") ||
    (String(getSelection()) !== "" && part.contains(getSelection().anchorNode));

  const every = Number(main.dataset.refresh) * 1000;
  if (every) {
    setInterval(async () => {
      try {
        const reply = await fetch(location.href, { headers: { "X-Refresh": "1" } });
        if (reply.ok) location.reload();
      } catch (error) {
        console.warn("refresh failed:", error);
        away("The page cannot be reached");
      }
    }, every);
  }

  if (!main.dataset.live) return;
  const waiting = new Map();
  const put = () => {
    for (const [id, part] of waiting) {
      const old = document.getElementById(id);
      if (old && used(old)) continue;
      waiting.delete(id);
      if (!old) { main.append(part); continue; }
      const open = [...old.querySelectorAll("details")].map((one) => one.open);
      part.querySelectorAll("details").forEach((one, n) => { if (open[n]) one.open = true; });
      dress(part);
      old.replaceWith(part);
    }
  };
  let source = null, paused = false;
  const listen = () => {
    if (paused || document.hidden || source) return;
    source = new EventSource(main.dataset.live);
    source.addEventListener("open", () => away(""));
    source.addEventListener("away", (event) => away(event.data));
    source.addEventListener("parts", (event) => {
      away("");
      for (const html of JSON.parse(event.data)) {
        const part = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
        waiting.set(part.id, document.adoptNode(part));
      }
      put();
    });
    source.addEventListener("error", () => {
      away("The page cannot be reached");
      if (source && source.readyState === EventSource.CLOSED) {
        hush();
        setTimeout(listen, 5000);
      }
    });
  };
  const hush = () => {
    if (source) source.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); else listen(); });
  setInterval(put, 1000);
  const button = document.getElementById("pause");
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    if (paused) hush();
    else listen();
  });
  listen();
})();
