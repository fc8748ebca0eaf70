/* Choosing a file is uploading it. Enhances form[data-unggah] (see the macro `upload`; its value holds the
   words as JSON). One request a file, two at a time; the Idempotency-Key stays the same over every retry of a
   chosen file, so the server stores it once. The server answers JSON: {"file", "html": "<li>…", "card": url}
   or {"location": url}; {"error": text} with a 4xx. Without JavaScript the form posts all files at once. */
(() => {
  "use strict";
  const AT_ONCE = 2, TRIES = 8, STALL = 60000;

  const element = (tag, name, text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });
  const key = () => crypto.randomUUID?.() ||
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const uploader = (form) => {
    const words = JSON.parse(form.dataset.unggah);
    const locale = document.documentElement.lang;
    const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const size = (n) => (n < 2 ** 20 ? `${Math.ceil(n / 2 ** 10)} KB`
      : `${(n / 2 ** 20).toLocaleString(locale, { maximumFractionDigits: 1 })} MB`);
    const time = (s) => (s < 90 ? fill(words.seconds, { n: Math.max(1, Math.round(s)) }) : fill(words.minutes, { n: Math.round(s / 60) }));
    const input = form.querySelector("input[type=file]");
    const list = form.querySelector(".berkas");
    const status = form.querySelector("[data-kabar]");
    const limit = Number(form.dataset.batas || 0);
    const items = new Set();
    let card = "", place = "";

    const open = () => [...items].filter((item) => item.state === "waiting" || item.state === "sending");

    const tell = () => {
      const all = [...items], done = all.filter((item) => item.state === "done").length;
      const bad = all.filter((item) => item.state === "failed").length;
      const text = [open().length ? fill(words.busy, { done, all: all.length }) : done ? words.finished : "",
        bad ? fill(words.some_failed, { n: bad }) : ""].filter(Boolean);
      if (bad && !open().length) text.shift();
      if (status.textContent !== text.join(" · ")) status.textContent = text.join(" · ");
    };

    const pump = () => {
      tell();
      let free = AT_ONCE - [...items].filter((item) => item.state === "sending").length;
      for (const item of items) if (item.state === "waiting" && free-- > 0) send(item);
      if (!open().length) finish();
    };

    const finish = () => {
      const refused = [...items].some((item) => item.state === "failed");
      if (place && !refused) return void location.assign(place);
      if (!card || !form.dataset.segarkan) return;
      const url = card;
      card = "";
      const target = document.querySelector(form.dataset.segarkan);
      const swap = () => window.khub.renew(url, form.dataset.segarkan).catch(() => { card = url; });
      /* never take a field away from under the hands of somebody who types */
      if (target?.contains(document.activeElement)) target.addEventListener("focusout", () => setTimeout(swap), { once: true });
      else swap();
    };

    const fail = (item, text, again) => {
      item.state = "failed";
      item.row.progress.hidden = true;
      item.row.percent.textContent = "";
      item.row.note.textContent = text;
      item.row.note.className = "pesan-galat lebar";
      item.row.button.firstChild.textContent = again ? words.again : words.remove;
      item.again = again;
      pump();
    };

    const later = (item) => {
      if (++item.tries >= TRIES) return fail(item, words.failed, true);
      item.row.note.textContent = words.offline;
      const go = () => {
        clearTimeout(timer);
        removeEventListener("online", go);
        if (item.state === "sending") send(item);
      };
      const timer = setTimeout(go, Math.min(1000 * 2 ** (item.tries - 1), 30000));
      addEventListener("online", go);
    };

    const stored = (item, answer) => {
      item.state = "done";
      card = answer.card || card;
      place = answer.location || place;
      const fresh = new DOMParser().parseFromString(answer.html || "", "text/html").querySelector("li");
      if (fresh) item.row.replaceWith(fresh);
      else {
        item.row.progress.hidden = true;
        item.row.percent.textContent = "";
        item.row.note.textContent = words.stored;
        item.row.button.remove();
      }
      pump();
    };

    const send = (item) => {
      item.state = "sending";
      const { row, file } = item, request = new XMLHttpRequest(), data = new FormData(form);
      const began = performance.now();
      let stall = 0;
      const alive = () => {
        clearTimeout(stall);
        stall = setTimeout(() => { request.abort(); later(item); }, STALL);
      };
      data.delete(input.name);
      data.append(input.name, file, file.name);
      item.request = request;
      request.open("POST", form.action);
      request.setRequestHeader("X-Requested-With", "khub");
      request.setRequestHeader("Idempotency-Key", item.key);
      request.setRequestHeader("Accept", "application/json");
      request.upload.onprogress = ({ loaded, total }) => {
        alive();
        const share = total ? loaded / total : 0, spent = (performance.now() - began) / 1000;
        row.progress.value = share;
        row.percent.textContent = `${Math.floor(share * 100)} %`;
        const parts = [fill(words.sending, { sent: size(file.size * share), size: size(file.size) })];
        if (spent > 2 && share < 1) parts.push(fill(words.left, { time: time(spent / share - spent) }));
        row.note.textContent = share < 1 ? parts.join(" · ") : words.storing;
      };
      request.upload.onload = () => clearTimeout(stall); /* from here the server may think as long as it needs */
      request.onabort = () => clearTimeout(stall);
      request.onerror = () => { clearTimeout(stall); later(item); };
      request.onload = () => {
        clearTimeout(stall);
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* a proxy's page: the code speaks */ }
        if (request.status >= 200 && request.status < 300 && (answer.file || answer.location)) return stored(item, answer);
        if (request.status === 429 || [502, 503, 504].includes(request.status)) return later(item);
        const known = { 401: words.expired, 413: words.too_large, 200: words.expired }[request.status];
        fail(item, answer.error || known || fill(words.refused, { code: request.status }), request.status >= 500);
      };
      alive();
      request.send(data);
    };

    const add = (file) => {
      const row = element("li", ""), button = element("button", "teks", words.cancel);
      const item = { file, row, key: key(), state: "waiting", tries: 0 };
      button.type = "button";
      row.percent = element("span", "persen");
      row.note = element("span", "cap", words.waiting);
      row.progress = element("progress", "");
      Object.assign(row.progress, { max: 1, value: 0, ariaLabel: file.name });
      button.append(element("span", "sr", ` ${file.name}`));
      row.button = button;
      row.append(element("span", "nama", file.name), row.percent, button, row.note, row.progress);
      button.addEventListener("click", () => {
        if (item.state === "failed" && item.again) {
          Object.assign(item, { state: "waiting", tries: 0 });
          row.progress.hidden = false;
          row.note.className = "cap";
          button.firstChild.textContent = words.cancel;
        } else {
          item.state = "gone";
          item.request?.abort();
          items.delete(item);
          row.remove();
          input.focus();
        }
        pump();
      });
      items.add(item);
      list.append(row);
      if (limit && file.size > limit) fail(item, words.too_large, false);
    };

    const take = (files) => {
      for (const file of files) add(file);
      pump();
    };

    input.required = false;
    input.classList.add("sr");
    input.labels[0].className = "btn";
    form.querySelector("[type=submit]").hidden = true;
    form.querySelector("[data-seret]").hidden = false;
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      take(files);
    });
    form.addEventListener("submit", (event) => { /* the buttons of stored rows post by themselves */
      if (!event.submitter?.hasAttribute("formaction")) event.preventDefault();
    });
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
      form.addEventListener(type, (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        form.classList.toggle("di-atas", type === "dragenter" || type === "dragover");
        if (type === "drop") take(event.dataTransfer.files);
      });
    }
    addEventListener("beforeunload", (event) => { if (open().length) event.preventDefault(); });
  };

  for (const form of document.querySelectorAll("form[data-unggah]")) uploader(form);
})();
