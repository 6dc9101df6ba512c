// Brings the tab of this page into sight where the bar is wider than the window.
for (const bar of document.querySelectorAll(".tabs ul")) {
  const here = bar.querySelector("[aria-current]");
  if (!here) continue;
  const [tab, shown] = [here.getBoundingClientRect(), bar.getBoundingClientRect()];
  bar.scrollLeft = (tab.left + tab.right - shown.left - shown.right) / 2;
}
