// Makes handing in more comfortable: drag-and-drop, a check of the size, a progress bar, and mistakes told without
// leaving the page. Without this script the form works as it is.
const NETWORK_TROUBLE = "The connection broke off. Nothing may have been handed in: look at your attempts below, then try again.";

function setUp(form) {
  const input = form.querySelector("input[type=file]");
  const area = form.querySelector(".drop");
  const chosen = form.querySelector(".chosen");
  const button = form.querySelector("button");
  const bar = form.querySelector("progress");
  const maxBytes = Number(form.dataset.maxBytes);

  form.querySelector(".drop-words").hidden = false;

  function say(text, isWrong = false) {
    chosen.textContent = text;
    chosen.classList.toggle("wrong", isWrong);
  }

  function check() {
    const file = input.files[0];
    if (!file) return false;
    const size = file.size < 1e6 ? `${Math.max(1, Math.round(file.size / 1e3))} kB` : `${(file.size / 1e6).toFixed(1)} MB`;
    if (file.size > maxBytes) {
      say(`${file.name} has ${size}, which is too big. Leave out data sets, saved models and environments such as .venv.`, true);
      return false;
    }
    if (file.size === 0) {
      say(`${file.name} is empty. Pack your project folder and try again.`, true);
      return false;
    }
    say(`${file.name}, ${size}: ready to be handed in.`);
    return true;
  }

  function isFile(event) {
    return event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  }

  input.addEventListener("change", check);
  for (const name of ["dragenter", "dragover"]) {
    area.addEventListener(name, (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      area.classList.add("over");
    });
  }
  area.addEventListener("dragleave", (event) => {
    if (!area.contains(event.relatedTarget)) area.classList.remove("over");
  });
  area.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    area.classList.remove("over");
    if (event.dataTransfer.files.length !== 1) {
      say("Drop one file: your whole project as a .zip or .tar.gz.", true);
      return;
    }
    input.files = event.dataTransfer.files;
    if (check()) button.focus();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!check()) {
      input.focus();
      return;
    }
    send();
  });

  function send() {
    const request = new XMLHttpRequest();
    button.disabled = true;
    bar.hidden = false;
    bar.removeAttribute("value");
    say("Sending …");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        bar.max = event.total;
        bar.value = event.loaded;
      }
    });
    request.upload.addEventListener("load", () => say("Sent. Checking what is in it …"));
    request.addEventListener("error", () => {
      button.disabled = false;
      bar.hidden = true;
      say(NETWORK_TROUBLE, true);
    });
    request.addEventListener("load", () => {
      if (request.status === 200) location.assign(request.responseURL);
      else showAnswer(new DOMParser().parseFromString(request.responseText, "text/html"));
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  }

  // The answer to what was not taken is the whole page again: its section for handing in takes the place of this one.
  function showAnswer(answer) {
    const section = answer.getElementById("hand-in");
    if (!section) {
      button.disabled = false;
      bar.hidden = true;
      say([...answer.querySelectorAll("main h1, main h1 + p")].map((part) => part.textContent).join(". ") || NETWORK_TROUBLE, true);
      return;
    }
    document.getElementById("hand-in").replaceWith(section);
    for (const next of section.querySelectorAll("form.upload")) setUp(next);
    const reasons = section.querySelector(".not-taken");
    if (reasons) reasons.focus();
  }
}

for (const form of document.querySelectorAll("form.upload")) setUp(form);
