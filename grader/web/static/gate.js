// Keeps the page of a gate that goes on up to date; once it is over, the page is loaded anew.
const PAUSE_MS = 2000;
let failures = 0;
let isLeaving = false; // a form was sent: to load this page anew would cut short the way to the next
addEventListener("submit", () => { isLeaving = true; });

async function look() {
  try {
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const text = await answer.text();
    if (isLeaving) return;
    const now = new DOMParser().parseFromString(text, "text/html").getElementById("gate");
    const shown = document.getElementById("gate");
    if (now.dataset.state !== shown.dataset.state) return location.reload();
    // The form stays, so that its button does not vanish under a finger or lose the focus.
    for (const part of [".headline", "progress", ".headline ~ .help"]) update(shown, now, part);
    for (const section of [...shown.children].slice(1)) section.remove();
    for (const section of [...now.children].slice(1)) shown.append(document.adoptNode(section));
    failures = 0;
  } catch {
    failures += 1;
  }
  setTimeout(look, document.hidden ? 10_000 : Math.min(30_000, PAUSE_MS * 2 ** failures));
}

function update(shown, now, part) {
  const [before, after] = [shown.querySelector(part), now.querySelector(part)];
  if (before && after && before.outerHTML !== after.outerHTML) before.replaceWith(document.adoptNode(after));
}

setTimeout(look, PAUSE_MS);
