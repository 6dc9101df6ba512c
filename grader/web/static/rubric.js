// Marking by keyboard: full or no points, saving from a comment, the running sum, and a word before typed marks are left.
"use strict";
(() => {
  const form = document.querySelector("[data-marking]");
  if (!form) return;
  const points = [...form.querySelectorAll("input[data-max]")];
  const sum = form.querySelector("[data-sum]");
  const before = new Map([...form.querySelectorAll("input, textarea")].map((field) => [field, field.value]));
  let isSaving = false;

  form.querySelector(".keys").hidden = false;

  function showSum() {
    const given = points.map((field) => field.value.trim().replace(",", ".")).filter((text) => text !== "");
    const total = given.reduce((all, text) => all + Number(text), 0);
    sum.textContent = given.length === 0 || Number.isNaN(total) ? "–" : String(Math.round(total * 100) / 100);
  }

  form.addEventListener("input", showSum);
  form.addEventListener("submit", () => { isSaving = true; });
  document.querySelector("[data-keeps-theirs]")?.addEventListener("click", () => { isSaving = true; });
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && field.dataset.max) {
      event.preventDefault();
      field.value = event.key === "ArrowUp" ? field.dataset.max : "0";
      showSum();
    } else if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=next]"));
    }
  });
  window.addEventListener("beforeunload", (event) => {
    const isChanged = "unsaved" in form.dataset || [...before].some(([field, value]) => field.value !== value);
    if (isChanged && !isSaving) event.preventDefault();
  });
  const focused = form.querySelector("[autofocus]");
  if (focused) focused.select();
  showSum();
})();
