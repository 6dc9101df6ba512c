// Fields for moments are UTC without this; with it, they are in the reader's own time zone and say so.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const pad = (number) => String(number).padStart(2, "0");

for (const input of document.querySelectorAll("input[data-utc]")) {
  if (input.value !== input.defaultValue) continue; // typed before this script came: UTC, as the label says
  const hidden = input.form.elements[`${input.name}_utc`];
  if (input.value) {
    const at = new Date(`${input.value}Z`);
    const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
    input.value = `${day}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
  }
  input.closest(".field").querySelector("[data-zone]").textContent = zone;
  input.form.addEventListener("submit", () => {
    const at = new Date(input.value);
    hidden.value = Number.isNaN(at.getTime()) ? "" : at.toISOString();
  });
}
