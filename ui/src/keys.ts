// Keyboard: / search · j k rows · h l cells · ? help.
import { all } from "./dom";

const ROWS = ".board tbody tr, .table tbody tr, .todo > li, .facts > .fact";
const LINKS = "a[href], button, summary, input";

const typing = (el: EventTarget | null) => el instanceof HTMLElement && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));

function rows(step: number): void {
  const list = all(ROWS).filter((r) => r.querySelector(LINKS));
  const here = document.activeElement?.closest<HTMLElement>(ROWS);
  const next = list[here ? list.indexOf(here) + step : step > 0 ? 0 : list.length - 1];
  const column = here && document.activeElement ? [...here.children].findIndex((c) => c.contains(document.activeElement)) : 0;
  const cell = next?.matches("tr") ? next.children[Math.max(0, column)] : next;
  (cell?.querySelector<HTMLElement>(LINKS) ?? next?.querySelector<HTMLElement>(LINKS))?.focus();
}

function cells(step: number): void {
  const row = document.activeElement?.closest("tr");
  const list = row ? all("a[href]", row) : [];
  list[list.indexOf(document.activeElement as HTMLElement) + step]?.focus();
}

document.addEventListener("keydown", (ev) => {
  if (ev.ctrlKey || ev.metaKey || ev.altKey) return;
  if (typing(ev.target)) {
    if (ev.key === "Escape") (ev.target as HTMLElement).blur();
    return;
  }
  const run: Record<string, () => void> = {
    "/": () => document.getElementById("q")?.focus(),
    "?": () => document.querySelector<HTMLElement>("[popovertarget=keys]")?.click(),
    j: () => rows(1), k: () => rows(-1), h: () => cells(-1), l: () => cells(1),
  };
  const act = run[ev.key];
  if (!act) return;
  ev.preventDefault();
  act();
});
