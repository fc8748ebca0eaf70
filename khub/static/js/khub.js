/* Small helps on top of pages that work without them. Attributes:
   .galat-ringkas                     takes focus on load
   form[data-simpan-otomatis]         autosave: POST of the whole form to the value (or the action)
   form[data-simpan-dulu]             sent only when every autosaved form of the page is saved
   [data-pantau=url]                  fetched every 2 s and replaced, until the attribute is gone; needs an id
   [data-serta="id"] beside it        another region renewed with it, until something in it is chosen
   [data-ikut="a b"] beside it        fields a, b of the autosaved form take the fetched page's value while
                                      they still equal a_shown, b_shown: what a person typed stays
   [data-tombol-halaman]              keys P, N (and K, J) follow the a[rel=prev] and a[rel=next] inside
   [data-cari-saringan]               a group of check boxes that its search field narrows while one types;
                                      its [data-tiada] shows where that leaves none; empty fields of
                                      its form stay out of the address
   [data-salin="#id"], [data-cetak]   buttons that copy a text or print; hidden without JavaScript
   [data-pilih-semua=name]            a check box for all check boxes of that name
   details.lain                       the rest of the menu: shut by Escape and by a press elsewhere
   window.khub.renew(url, selector)   fetch a page and replace the region it holds; window.khub.flush() */
(() => {
  "use strict";
  const AJAX = { "X-Requested-With": "khub" };

  const load = async (url) => {
    const answer = await fetch(url, { headers: AJAX, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  /* The element stays, only its inside changes: live regions speak, and an unchanged poll moves nothing. */
  const seen = new WeakMap();
  const gist = (element) => element.innerHTML.replace(/(name="csrf_token" value=)"[^"]*"/g, "$1"); /* new on every answer */
  const put = (old, fresh) => {
    const now = gist(fresh);
    if ((seen.get(old) ?? gist(old)) !== now) {
      seen.set(old, now);
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      old.replaceChildren(...fresh.childNodes);
      start(old);
      if (focused) document.getElementById(focused)?.focus();
    }
    if (old.hasAttribute("data-pantau") && !fresh.hasAttribute("data-pantau")) old.removeAttribute("data-pantau");
  };

  const renew = async (url, selector) => {
    await flush();
    const page = await load(url);
    const fresh = page.querySelector(selector), old = document.querySelector(selector);
    if (old && fresh) {
      put(old, fresh);
      const head = document.querySelector("h1"), news = page.querySelector("h1");
      if (head && news) head.textContent = news.textContent;
      document.title = page.title || document.title;
    }
    return Boolean(old && fresh);
  };

  /* --- autosave --- */
  const savers = new Map();
  const flush = () => Promise.all([...savers.values()].map((saver) => saver.now()));

  const autosave = (form) => {
    const note = form.querySelector("[data-simpan-status]");
    let timer = 0, dirty = false, running = null, stopped = false, sending = false;
    const say = (text, link) => {
      if (!note) return;
      note.textContent = text;
      if (link?.href) {
        const a = document.createElement("a");
        a.href = link.href;
        a.textContent = link.label || link.href;
        note.append(" ", a);
      }
    };
    const send = async (leaving) => {
      dirty = false;
      try {
        const answer = await fetch(form.dataset.simpanOtomatis || form.action, {
          method: "POST", body: new FormData(form), headers: AJAX, credentials: "same-origin", keepalive: leaving,
        });
        const body = await answer.json().catch(() => ({}));
        if (answer.ok) {
          for (const [name, value] of Object.entries(body.fields || {})) {
            const field = form.elements.namedItem(name);
            if (field && "value" in field) field.value = value;
          }
          if (body.saved) say(body.saved);
        } else if (answer.status >= 500 || answer.status === 429) {
          throw new Error(String(answer.status));
        } else {
          if (answer.status === 409) stopped = true; /* somebody else changed it: sending again would hide that */
          say(body.error || note?.dataset.gagal || "", { href: body.href || body.login, label: body.label });
        }
      } catch {
        dirty = true;
        say(note?.dataset.gagal || "");
        timer = setTimeout(now, 5000);
      }
    };
    const now = async (leaving = false) => {
      clearTimeout(timer);
      if (!form.isConnected) savers.delete(form);
      if (running) await running;
      if (!dirty || stopped || !form.isConnected) return;
      running = send(leaving === true);
      await running;
      running = null;
    };
    const later = (wait) => {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(now, wait);
    };
    form.addEventListener("input", () => later(1500));
    form.addEventListener("change", () => later(200));
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (!running) return void (stopped = true);
      event.preventDefault(); /* under way is a save that makes the revision in this form an old one */
      if (sending) return;
      sending = true;
      running.then(() => form.requestSubmit(event.submitter));
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) now(true); });
    savers.set(form, { now, held: () => dirty || stopped });
  };

  /* --- polling --- */
  const follow = (names, page) => {
    const form = document.querySelector("form[data-simpan-otomatis]"), fresh = page.querySelector("form[data-simpan-otomatis]");
    for (const name of form && fresh ? names.split(" ") : []) {
      const field = form.elements.namedItem(name), shown = form.elements.namedItem(`${name}_shown`);
      const found = fresh.elements.namedItem(name)?.value;
      if (!field || !shown || found === undefined || field === document.activeElement || field.value !== shown.value) continue;
      field.value = shown.value = found;
    }
  };
  const watch = (element) => {
    let wait = 2000;
    seen.set(element, gist(element));
    const tick = async () => {
      if (!element.isConnected || !element.dataset.pantau) return;
      if (document.hidden) {
        document.addEventListener("visibilitychange", tick, { once: true });
        return;
      }
      try {
        const page = await load(element.dataset.pantau), fresh = page.getElementById(element.id);
        if (!fresh) return; /* signed out or gone: a reload tells */
        follow(element.dataset.ikut || "", page);
        const beside = document.getElementById(element.dataset.serta), news = page.getElementById(element.dataset.serta);
        if (beside && news && !beside.querySelector(":checked, :focus")) put(beside, news);
        if (!element.contains(document.activeElement?.closest("input, select, textarea"))) put(element, fresh);
        wait = 2000;
      } catch {
        wait = Math.min(wait * 2, 30000);
      }
      setTimeout(tick, wait);
    };
    setTimeout(tick, 700); /* most files are read within a second */
  };

  /* --- everything that can come with a replaced region --- */
  const each = (root, selector, work) => {
    for (const element of root.querySelectorAll(selector)) work(element);
  };
  const start = (root) => {
    each(root, "form[data-simpan-otomatis]", autosave);
    each(root, "[data-pantau][id]", watch);
    each(root, "[data-salin], [data-cetak]", (button) => { button.hidden = false; });
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-salin], [data-cetak]");
    if (!button) return;
    if (button.hasAttribute("data-cetak")) return void window.print();
    const source = document.querySelector(button.dataset.salin);
    try {
      await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
      if (button.dataset.sudah) button.textContent = button.dataset.sudah;
    } catch {
      getSelection().selectAllChildren(source);
    }
  });

  /* what was typed just now goes first; what could not be saved holds the sending back */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-simpan-dulu")) return;
    event.preventDefault();
    await flush();
    const held = [...savers].find(([other, saver]) => other.isConnected && saver.held());
    if (held) return void held[0].scrollIntoView({ block: "center" });
    form.submit();
  });

  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.pilihSemua;
    if (!name) return;
    for (const box of document.getElementsByName(name)) box.checked = event.target.checked;
  });

  document.addEventListener("input", (event) => {
    const group = event.target.type === "search" && event.target.closest("[data-cari-saringan]");
    if (!group) return;
    const parts = event.target.value.toLowerCase().split(/\s+/);
    for (const label of group.querySelectorAll("label.pilih"))
      label.hidden = !label.querySelector(":checked") && !parts.every((part) => label.textContent.toLowerCase().includes(part));
    for (const more of group.querySelectorAll("details")) more.open = Boolean(event.target.value);
    /* Values beyond the list, old names and aliases are known to the server alone. */
    const none = group.querySelector("[data-tiada]");
    if (none) none.hidden = !event.target.value || Boolean(group.querySelector("label.pilih:not([hidden]) input:not(:checked)"));
  });

  /* an address says only what was chosen */
  document.addEventListener("formdata", ({ target, formData }) => {
    if (!target.querySelector("[data-cari-saringan]")) return;
    for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
    const rel = { p: "prev", k: "prev", n: "next", j: "next" }[event.key.toLowerCase()];
    if (rel) document.querySelector(`[data-tombol-halaman] a[rel=${rel}]`)?.click();
  });

  const more = document.querySelector("details.lain");
  more?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.firstElementChild.focus();
  });
  document.addEventListener("click", (event) => { if (more && !more.contains(event.target)) more.open = false; });

  window.khub = { renew, flush };
  start(document);
  document.querySelector(".galat-ringkas")?.focus();
})();
