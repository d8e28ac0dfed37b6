// What script adds to the workspace: forms are kept while they are filled in, and long work shows how far it is.
"use strict";

(() => {
  const KEEP_MS = 1500;

  function keeping(form) {
    const told = form.querySelector(".saved");
    let timer = 0, running = null;

    async function keep() {
      const typed = new FormData(form);
      typed.set("autosave", "1");
      const asked = { method: "POST", body: new URLSearchParams(typed), headers: { Accept: "application/json" } };
      const answer = await fetch(form.action, asked);
      const said = await answer.json();
      if (answer.ok) {
        form.elements.version.value = said.version;
        told.textContent = form.dataset.autosave;
      } else {
        told.textContent = form.dataset.lost + (said.message ?? said.detail);
      }
    }

    const unreached = () => { told.textContent = form.dataset.lost + form.dataset.unreached; };

    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { running = keep().catch(unreached).finally(() => { running = null; }); }, KEEP_MS);
    });
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (!running) return;
      const pressed = event.submitter;
      event.preventDefault(); // a save under way has a version to tell first
      running.then(() => setTimeout(() => form.requestSubmit(pressed)));
    });
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  /** Show how far an uploaded table has come; once it waits for its editor, the whole page is there. */
  function watching(region) {
    setTimeout(async () => {
      try {
        const answer = await fetch(location.href);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(region.id);
        if (!fresh?.hasAttribute("data-watch")) return location.reload();
        region.querySelector("[role=status]").textContent = fresh.querySelector("[role=status]").textContent;
      } catch { /* the network comes back, or the link is there */ }
      watching(region);
    }, KEEP_MS);
  }

  document.querySelectorAll("form[data-autosave]").forEach(keeping);
  document.querySelectorAll("[data-watch]").forEach(watching);
})();
