// A run that is going on shows how far it has come, in place; without script the page has a link that does the same.
"use strict";

(() => {
  const LOOK_MS = 2000;
  const region = document.querySelector("[data-live]");
  if (!region) return;

  async function look() {
    const answer = await fetch(region.dataset.live, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    if (!answer.ok || !fresh?.dataset.live) return location.replace(region.dataset.live); // it has ended
    if (!region.contains(document.activeElement)) region.replaceChildren(...fresh.childNodes);
    later();
  }

  const later = () => setTimeout(() => look().catch(later), LOOK_MS);
  later();
})();
