"use strict";
// Looks at the same address again and puts in what changed; the page works without it.
(() => {
  const main = document.getElementById("main");
  for (const image of document.querySelectorAll(".poster img")) {
    const hide = () => { image.hidden = true; };
    image.addEventListener("error", hide);
    if (image.complete && !image.naturalWidth) hide();
  }
  const every = Number(main.dataset.refresh) * 1000;
  const button = document.getElementById("pause");
  if (!every || !button) return;
  let paused = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
  });
  const inUse = () => main.contains(document.activeElement) || String(getSelection()) !== "";
  setInterval(async () => {
    if (paused || document.hidden || inUse()) return;
    try {
      const reply = await fetch(location.href, { headers: { "X-Refresh": "1" } });
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("main");
      if (reply.ok && fresh && !inUse()) main.replaceChildren(...fresh.childNodes);
      main.classList.toggle("away", !reply.ok);
    } catch (error) {
      console.warn("refresh failed:", error);
      main.classList.add("away");
    }
  }, every);
})();
