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
  const inUse = () => main.contains(document.activeElement) || String(getSelection()) !== "";
  setInterval(async () => {
    if (paused || document.hidden || inUse()) return;
    try {
      const reply = await fetch(location.href, { headers: { "X-Refresh": "1" } });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const fresh = page.getElementById("main");
      if (reply.ok && fresh && !inUse()) {
        document.title = page.title;
        main.replaceChildren(...fresh.childNodes);
      }
      away(reply.ok ? "" : "The server is out of reach");
    } catch (error) {
      console.warn("refresh failed:", error);
      away("The page cannot be reached");
    }
  }, every);
})();
