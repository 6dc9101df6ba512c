// Keeps the page of a running regrade up to date: every few seconds its content is asked for and replaced.
const PAUSE_MS = 2000;

setTimeout(look, PAUSE_MS);

async function look() {
  const shown = document.getElementById("regrade");
  if (shown?.dataset.state !== "running") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("regrade");
      // Nothing is taken away from under whoever is about to use it.
      if (fresh && !shown.contains(document.activeElement)) replace(shown, fresh);
    }
  } catch {
    // The next look may succeed.
  }
  setTimeout(look, document.hidden ? 5 * PAUSE_MS : PAUSE_MS);
}

function replace(shown, fresh) {
  const said = document.getElementById("regrade-said");
  const news = fresh.querySelector("#regrade-said");
  if (said && news) news.replaceWith(said.cloneNode(true));
  shown.replaceWith(fresh);
  if (said && news) document.getElementById("regrade-said").innerHTML = news.innerHTML; // so that it is read out
  document.dispatchEvent(new Event("content-replaced"));
}
