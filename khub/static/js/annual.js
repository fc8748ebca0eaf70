/* The open paragraph: [data-sisip=name] puts what the select "name" of its form says where the cursor stands.
   Without JavaScript the server puts it at the end; a live table gets a paragraph of its own there. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sisip]");
    const area = button?.form.elements.namedItem("text"), chosen = button?.form.elements.namedItem(button.dataset.sisip)?.value;
    if (!area || !chosen || chosen.startsWith("{{tabel:")) return;
    event.preventDefault();
    area.setRangeText(chosen, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
})();
