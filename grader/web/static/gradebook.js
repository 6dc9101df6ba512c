// Moves over the gradebook's cells by keys, as over a spreadsheet; Tab takes the table as one stop.
const table = document.querySelector("table.gradebook");
const search = document.querySelector(".filters input[type=search]");

if (table) {
  const rows = [...table.rows];
  const PAGE_ROWS = 10;
  const target = (cell) => cell.querySelector("a") ?? cell;
  let row = 0, column = 0;

  table.setAttribute("role", "grid");
  for (const each of rows) for (const cell of each.cells) target(cell).tabIndex = -1;

  const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
  const stop = () => target(rows[row].cells[column]);
  function move(toRow, toColumn, focus = true) {
    stop().tabIndex = -1;
    row = clamp(toRow, rows.length);
    column = clamp(toColumn, rows[row].cells.length);
    stop().tabIndex = 0;
    if (focus) {
      stop().focus({ preventScroll: true });
      rows[row].cells[column].scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("th, td");
    if (cell) move(rows.indexOf(cell.parentElement), cell.cellIndex, false);
  });
  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    const all = event.ctrlKey;
    const moves = all
      ? { Home: [0, 0], End: [rows.length - 1, Infinity] }
      : {
          ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
          ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
          Home: [row, 0], End: [row, Infinity],
          PageUp: [row - PAGE_ROWS, column], PageDown: [row + PAGE_ROWS, column],
        };
    if (!moves[event.key]) return;
    event.preventDefault();
    move(...moves[event.key]);
  });
  move(1, 0, false); // the first student
  document.querySelector(".keys").hidden = false;
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
  search.select();
});
