// Keeps the status page fresh: it fetches the page again and takes over the sections that have changed. The server draws everything; without
// this script the page is the same, only not by itself newer.
"use strict";

(() => {
  const everyMilliseconds = 15000;
  let timer = 0;
  let failures = 0;

  const tell = (text) => {
    const live = document.getElementById("live");
    if (!live) return;
    live.textContent = text;
    live.hidden = false;
  };

  // Whoever selects text or has moved into a section with the keyboard keeps what is there.
  const isInUse = (section) => {
    const selection = document.getSelection();
    return section.contains(document.activeElement) || (selection && !selection.isCollapsed && section.contains(selection.anchorNode));
  };

  const takeOver = (fresh) => {
    for (const section of document.querySelectorAll("main > section[id]")) {
      const newer = fresh.getElementById(section.id);
      if (!newer || newer.outerHTML === section.outerHTML || isInUse(section)) continue;
      const places = [...section.querySelectorAll(".scroll")].map((table) => table.scrollLeft);
      section.replaceWith(newer);
      newer.querySelectorAll(".scroll").forEach((table, index) => { table.scrollLeft = places[index] || 0; });
    }
    const stamp = fresh.querySelector(".stamp");
    if (stamp) document.querySelector(".stamp").textContent = stamp.textContent;
    document.title = fresh.title;
  };

  const refresh = async () => {
    timer = 0;
    try {
      const answer = await fetch("/", { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(10000) });
      if (!answer.ok) throw new Error(String(answer.status));
      takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
      failures = 0;
      tell("live");
    } catch {
      failures += 1;
      tell("no answer; trying again");
    }
    schedule();
  };

  // Nobody looks at a hidden page; a server that does not answer is asked less and less often.
  const schedule = () => {
    clearTimeout(timer);
    timer = document.hidden ? 0 : setTimeout(refresh, everyMilliseconds * Math.min(2 ** failures, 8));
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) schedule();
    else if (timer === 0) refresh();
  });
  tell("live");
  schedule();
})();
