/* Suggestions under input[data-saran=url]: a combobox. Down and Up go through them (Down opens them), Enter opens the one marked
   (or sends the form), Escape closes. Without JavaScript the form is a plain one. */
(() => {
  "use strict";
  const make = (tag, props) => Object.assign(document.createElement(tag), props);

  const start = (input) => {
    const list = make("ul", { id: `${input.id}-saran`, className: "saran", role: "listbox", ariaLabel: input.dataset.saranNama, hidden: true });
    const said = make("span", { className: "sr", role: "status" }), box = make("div", { className: "saran-kotak" });
    input.replaceWith(box);
    box.append(input, list, said);
    Object.assign(input, { role: "combobox", autocomplete: "off", ariaAutoComplete: "list", ariaExpanded: "false" });
    input.setAttribute("aria-controls", list.id);
    let timer = 0, asked, at = -1;

    const mark = (to) => {
      list.children[at]?.removeAttribute("aria-selected");
      const chosen = list.children[at = to];
      chosen?.setAttribute("aria-selected", "true");
      chosen?.scrollIntoView({ block: "nearest" });
      if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
      else input.removeAttribute("aria-activedescendant");
    };
    const show = (found) => {
      mark(-1);
      list.replaceChildren(...found.map(([kind, text, address], n) => {
        const option = make("li", { id: `${list.id}-${n}`, role: "option" });
        option.dataset.ke = address;
        option.append(make("span", { className: "cap", textContent: `${kind} ` }), make("span", { className: "nama", textContent: text }));
        return option;
      }));
      list.hidden = !found.length;
      input.ariaExpanded = String(!list.hidden);
    };
    const close = () => {
      clearTimeout(timer);
      asked?.abort();
      show([]);
    };
    const go = (option) => {
      if (!option) return;
      const address = option.dataset.ke;
      close(); /* a page that is gone back to shows no list */
      window.location.href = address;
    };
    const ask = async () => {
      asked?.abort();
      const { signal } = asked = new AbortController();
      try {
        const answer = await fetch(`${input.dataset.saran}?q=${encodeURIComponent(input.value.slice(0, 100))}`, { signal, headers: { "X-Requested-With": "khub" } });
        const body = await answer.json();
        if (!answer.ok || signal.aborted || document.activeElement !== input) return;
        show(body.found);
        said.textContent = body.said;
      } catch { /* none, then */ }
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      mark(-1); /* Enter means what was typed just now, not what was marked under other words */
      if (input.value.trim().length < 2) close();
      else timer = setTimeout(ask, 120);
    });
    input.addEventListener("keydown", (event) => {
      const many = list.children.length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!many && event.key === "ArrowDown" && input.value.trim().length > 1) ask(); /* shut by Escape, or not asked yet */
      if (!many || !(step || event.key === "Escape" || (event.key === "Enter" && at >= 0))) return;
      event.preventDefault();
      if (step) mark((at + step + many + 2) % (many + 1) - 1);
      else if (event.key === "Enter") go(list.children[at]);
      else close();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); /* the field keeps the focus */
    list.addEventListener("click", (event) => go(event.target.closest("li")));
    input.addEventListener("blur", close);
    input.form?.addEventListener("submit", close);
  };
  document.querySelectorAll("input[data-saran]").forEach(start);
})();
