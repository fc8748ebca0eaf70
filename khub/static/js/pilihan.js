/* Keeps a selection while one ticks: form[data-pilihan] is sent with each change of a box that belongs to it.
   Without this script its button does the same. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-pilihan]");
  if (!form) return;
  /* Who comes back sees what is kept now, not the boxes as he left them: the next tick would send them all. */
  form.autocomplete = "off";
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  const told = form.querySelector("[data-jumlah]");
  let last = Promise.resolve();
  const send = async () => {
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { "X-Requested-With": "khub" }, credentials: "same-origin",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    told.textContent = String((await answer.json()).total);
    form.removeAttribute("data-gagal");
  };
  document.addEventListener("change", (event) => {
    if (event.target.form !== form || event.target.name !== "pilih") return;
    /* One after the other: an older answer never comes after a newer one. A failure leaves it to the button. */
    last = last.then(send).catch(() => form.setAttribute("data-gagal", ""));
  });
})();
