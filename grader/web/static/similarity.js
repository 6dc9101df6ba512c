// Follows a check while it runs, and brings both sides of a matching part into view at once.
"use strict";

const PAUSE_MS = 2000;
let isLeaving = false; // a form was sent: to load this page anew would cut short the way to the next
addEventListener("submit", () => { isLeaving = true; });

async function follow(state) {
  let text = null;
  try {
    const answer = await fetch(state.dataset.follows, { headers: { Accept: "text/html" } });
    if (answer.ok) text = await answer.text();
  } catch {
    // The next look may succeed.
  }
  if (isLeaving) return;
  if (text !== null) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.querySelector(".check-state");
    if (!fresh) {
      window.location.reload();
      return;
    }
    for (const part of ["p", "progress"]) state.querySelector(part).replaceWith(fresh.querySelector(part));
  }
  window.setTimeout(() => follow(state), PAUSE_MS);
}

function showPart(number, event) {
  const rows = ["a", "b"].map((side) => document.getElementById(`${side}-${number}`)).filter(Boolean);
  const isNarrow = window.matchMedia("(max-width: 46rem)").matches;
  if (isNarrow || rows.length < 2) return; // the link goes to the one that it names
  event.preventDefault();
  for (const found of document.querySelectorAll(".found")) found.classList.remove("found");
  for (const row of rows) {
    row.classList.add("found");
    const side = row.closest(".side");
    side.scrollTop += row.getBoundingClientRect().top - side.getBoundingClientRect().top - side.clientHeight / 4;
  }
  document.querySelector(".sides").scrollIntoView({ block: "nearest" });
}

const state = document.querySelector(".check-state[data-follows]");
if (state) window.setTimeout(() => follow(state), PAUSE_MS);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-part]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) showPart(link.dataset.part, event);
});
