// What script adds to pages that work without it: suggestions while typing, results swapped in place, a copy button.
"use strict";

(() => {
  const WAIT_MS = 150;

  // --- suggestions: the ARIA combobox with a list box ---

  /** Give one search form its list of suggestions; an input method composes in peace: no request, no submit. */
  function suggest(form) {
    const input = form.elements.q;
    const list = document.createElement("ul");
    let composing = false, timer = 0, asked = "", pending = null, active = -1;

    list.id = `${input.id}-offers`;
    list.className = "offers";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", form.dataset.suggestLabel);
    input.parentElement.append(list);
    input.autocomplete = "off";
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": false }))
      input.setAttribute(name, value);

    const options = () => [...list.children];

    function show(open) {
      list.hidden = !open;
      input.setAttribute("aria-expanded", String(open));
      mark(-1);
    }

    function mark(place) {
      active = place;
      options().forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
      if (place < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", options()[place].id);
      options()[place].scrollIntoView({ block: "nearest" });
    }

    function close() {
      clearTimeout(timer);
      pending?.abort();
      show(false);
    }

    function offer(items) {
      list.replaceChildren(...items.map((item, number) => {
        const option = document.createElement("li");
        const text = document.createElement("span");
        const kind = document.createElement("small");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        text.textContent = option.dataset.text = item.text;
        if (/\p{Script=Han}/u.test(item.text)) text.lang = "zh-Hans";
        kind.textContent = form.dataset[`kind${item.kind[0].toUpperCase()}${item.kind.slice(1)}`] ?? "";
        option.append(text, kind);
        return option;
      }));
      show(items.length > 0 && document.activeElement === input);
    }

    async function ask() {
      const text = input.value.trim();
      if (composing || text === asked) return;
      asked = text;
      pending?.abort();
      if (!text) return show(false);
      pending = new AbortController();
      try {
        const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal: pending.signal });
        if (answer.ok) offer((await answer.json()).items);
      } catch (error) {
        if (error.name !== "AbortError") show(false);
      }
    }

    function later() {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    }

    function choose(option) {
      close();
      input.value = asked = option.dataset.text;
      form.requestSubmit();
    }

    input.addEventListener("compositionstart", () => { composing = true; clearTimeout(timer); });
    input.addEventListener("compositionend", () => { composing = false; later(); });
    input.addEventListener("input", (event) => { if (!composing && !event.isComposing) later(); });
    input.addEventListener("blur", close);
    form.addEventListener("submit", (event) => composing ? event.preventDefault() : close(), true);
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => { const option = event.target.closest("li"); if (option) choose(option); });
    input.addEventListener("keydown", (event) => {
      if (composing || event.isComposing || event.keyCode === 229) return;
      const open = !list.hidden, count = list.children.length;
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (!open) show(true);
        mark((active + 1 + step + count + 1) % (count + 1) - 1); // the text itself, -1, is one of the stops
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        close();
      } else if (event.key === "Enter" && open && active >= 0) {
        event.preventDefault();
        choose(options()[active]);
      }
    });
  }

  // --- results in place: the same addresses and pages, only the region of results is exchanged ---

  const REGION = "found", FOLLOWING = ["status", "kept", "tongue"];

  /** Turn links and the form of a results page into exchanges of its region; every failure is an ordinary visit. */
  function exchange(region) {
    const form = document.querySelector("form[data-finder]");
    let pending = null;

    async function go(address, { push, focus }) {
      pending?.abort();
      pending = new AbortController();
      region.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(address, { signal: pending.signal, headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!answer.ok || !page.getElementById(REGION)) return location.assign(address);
        if (push) history.pushState(null, "", answer.url);
        put(page, focus);
      } catch (error) {
        if (error.name !== "AbortError") location.assign(address);
      }
    }

    function put(page, focus) {
      const held = region.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...region.querySelectorAll("details[open]")].map((part) => part.id);
      region.replaceChildren(...page.getElementById(REGION).childNodes);
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      for (const id of FOLLOWING) {
        const old = document.getElementById(id), fresh = page.getElementById(id);
        if (old && fresh) old.replaceChildren(...fresh.childNodes);
        if (old && fresh && fresh.href) old.href = fresh.getAttribute("href");
      }
      for (const link of document.head.querySelectorAll("link[id]"))
        link.href = page.getElementById(link.id)?.getAttribute("href") ?? link.href;
      document.title = page.title;
      region.removeAttribute("aria-busy");
      if (!focus) return;
      const target = (held && document.getElementById(held)) || document.getElementById("results");
      target.focus({ preventScroll: target.id !== "results" });
    }

    region.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || link.pathname !== location.pathname || link.origin !== location.origin) return;
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(link.href, { push: true, focus: true });
    });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      const told = [...new FormData(form)].filter(([, value]) => value.trim());
      go(`${form.action}?${new URLSearchParams(told)}`, { push: true, focus: false });
    });
    addEventListener("popstate", () => {
      form.elements.q.value = new URLSearchParams(location.search).get("q") ?? "";
      go(location.href, { push: false, focus: false });
    });
  }

  // --- copy ---

  function copying(button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.done;
    });
  }

  document.querySelectorAll("form[data-suggest]").forEach(suggest);
  document.querySelectorAll("button[data-copy]").forEach(copying);
  const region = document.getElementById(REGION);
  if (region) exchange(region);
})();
