// Loads what changes, every three seconds, while the page is looked at.
"use strict";

const every = 3000;
const target = document.getElementById("overview");

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch("/overview", { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      target.innerHTML = await answer.text();
      target.classList.remove("stale");
    } catch {
      target.classList.add("stale");
    }
  }
  setTimeout(refresh, every);
}

setTimeout(refresh, every);
