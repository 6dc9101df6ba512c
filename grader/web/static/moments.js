// Shows every <time datetime> in the reader's own time zone; the UTC text stays as its title.
document.addEventListener("content-replaced", showMoments);
showMoments();

function showMoments() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    if (time.title || !time.dateTime.includes("T")) continue; // shown already; a day is a day everywhere
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.textContent;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    }).format(at);
  }
}
