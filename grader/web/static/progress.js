// Follows a grading that goes on: asks for what is new every second, and loads the page again when there is a result.
const live = document.getElementById("live");
const OVER = "graded-while-open";

const byId = (id) => document.getElementById(id);
const ICONS = ["passed", "failed", "crashed", "skipped"];
const SVG = "http://www.w3.org/2000/svg";

if (live) follow(live);
else if (sessionStorage.getItem(OVER) === location.pathname) {
  sessionStorage.removeItem(OVER);
  byId("content").focus(); // whoever was listening to the progress hears the result next
}

function follow(panel) {
  let state = panel.dataset.state;
  let number = Number(panel.dataset.number);
  let fence = Number(panel.dataset.fence);
  let failures = 0;
  let said = "";
  let isLeaving = false; // a form was sent: to load this page anew would cut short the way to the next
  addEventListener("submit", () => { isLeaving = true; });

  // Read out by screen readers, politely; the tests one by one would be too much.
  function say(text) {
    if (text && text !== said) byId("live-said").textContent = said = text;
  }

  function show(news) {
    if (news.state === "queued") {
      byId("live-now").textContent = news.waiting;
      say(news.waiting);
      return;
    }
    if (state === "queued") {
      state = "running";
      fence = news.fence;
      byId("live-title").textContent = "Being graded";
      document.title = document.title.replace("Waiting", "Being graded");
      byId("running").hidden = false;
      byId("cancel-help").textContent = "The attempt stays used, since grading has begun.";
    }
    byId("live-now").textContent = news.phase || "Starting";
    say(news.phase);
    if (news.total) {
      byId("live-bar").max = news.total;
      byId("live-bar").value = news.done;
      const trained = news.epochs ? ` · ${news.epochs} of ${news.epochs_total} epochs trained` : "";
      byId("live-count").textContent = `${news.done} of ${news.total} tests done, ${news.passed} passed${trained}`;
    }
    for (const test of news.tests) showTest(test);
    if (news.charts) {
      byId("live-charts").innerHTML = news.charts;
      byId("live-mnist").hidden = false;
    }
    number = news.number;
  }

  async function ask() {
    try {
      const answer = await fetch(`${panel.dataset.progress}?after=${number}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const news = await answer.json();
      if (isLeaving) return;
      const isOver = news.state !== "queued" && news.state !== "running";
      // Another worker begins anew: what was shown does not hold any more.
      if (isOver || (state === "running" && (news.state === "queued" || news.fence !== fence))) {
        if (isOver) sessionStorage.setItem(OVER, location.pathname);
        location.reload();
        return;
      }
      show(news);
      failures = 0;
    } catch {
      failures += 1;
      if (failures === 3) byId("live-now").textContent = "The connection is lost; trying again. Your hand-in is safe.";
    }
    setTimeout(ask, failures ? Math.min(30_000, 1000 * 2 ** failures) : document.hidden ? 5000 : 1000);
  }

  setTimeout(ask, 500);
}

function showTest(test) {
  byId("live-tests").hidden = false;
  const groups = byId("live-groups");
  let group = [...groups.children].find((row) => row.dataset.group === test.group);
  if (!group) {
    group = element("li");
    group.dataset.group = test.group;
    group.append(element("span", "name", test.title), element("ul", "live-outcomes"));
    groups.append(group);
  }
  const words = `${test.name}: ${test.words}`;
  const outcome = element("li", `outcome fresh ${test.outcome}`);
  outcome.title = words;
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${ICONS.includes(test.outcome) ? test.outcome : "limit"}`);
  icon.append(use);
  outcome.append(icon, element("span", "unseen", words));
  group.querySelector(".live-outcomes").append(outcome);
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
