// Comments in place: a line's number opens the form right there, arrow keys go from line to line. Without this
// script, each number leads to a page with the same form.
const template = document.getElementById("new-comment");
const numbers = new Map();

for (const table of document.querySelectorAll("table.code")) {
  const links = [...table.querySelectorAll("a[data-comment]")];
  numbers.set(table, links);
  links.slice(1).forEach((link) => { link.tabIndex = -1; });
}

function open(link) {
  close();
  const file = link.dataset.file || link.closest("[data-file]").dataset.file;
  const line = Number(link.dataset.comment);
  const form = template.content.firstElementChild.cloneNode(true);
  form.elements.file.value = file;
  form.elements.line.value = line;
  form.querySelector(".commented").textContent = line ? `line ${line}` : "the file as a whole";
  const row = link.closest("tr");
  if (row) {
    const remarks = document.createElement("tr");
    remarks.className = "remarks new";
    remarks.insertCell().colSpan = 2;
    remarks.cells[0].append(form);
    const after = row.nextElementSibling;
    (after && after.classList.contains("remarks") ? after : row).after(remarks);
  } else {
    form.classList.add("new");
    link.closest("header").after(form);
  }
  form.querySelector("[data-cancel]").addEventListener("click", (event) => { event.preventDefault(); close(link); });
  form.addEventListener("keydown", (event) => { if (event.key === "Escape" && !form.elements.text.value) close(link); });
  form.elements.text.focus();
}

function close(link) {
  const form = document.getElementById("comment");
  if (form) (form.closest("tr") && form.closest("tr").classList.contains("new") ? form.closest("tr") : form).remove();
  if (link) link.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-comment]");
  if (!link || !template || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const table = step && event.target.matches("a[data-comment]") && event.target.closest("table.code");
  if (!table) return;
  const links = numbers.get(table);
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

document.querySelector(".comment-form textarea")?.focus({ preventScroll: true }); // the form that the address asked for
