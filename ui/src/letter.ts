// Letter page: what was read lights its characters in the paper, and the other way round.
// Fields carry data-spans="s1 s2"; the paper has <mark id=s1 data-f="field-id">. Without script #s1 links do it by :target.
import { all, on } from "./dom";

const marks = (fact: HTMLElement) => (fact.dataset.spans ?? "").split(" ").flatMap((id) => document.getElementById(id) ?? []);
const factsOf = (mark: HTMLElement) => (mark.dataset.f ?? "").split(" ").flatMap((id) => document.getElementById(id) ?? []);

function light(els: HTMLElement[]): void {
  for (const el of all("mark.on, .fact.on")) if (!els.includes(el)) el.classList.remove("on");
  for (const el of els) el.classList.add("on");
}

/** Scrolls only the box that holds `el`, and only when it is out of sight there. */
function show(el: HTMLElement | undefined): void {
  if (!el) return;
  const box = el.closest<HTMLElement>(".sheet") ?? document.documentElement;
  const r = el.getBoundingClientRect();
  const b = box === document.documentElement ? { top: 64, bottom: innerHeight } : box.getBoundingClientRect();
  if (r.top < b.top || r.bottom > b.bottom) el.scrollIntoView({ block: "center", behavior: "smooth" });
}

for (const kind of ["mouseover", "focusin"] as const) {
  on(kind, ".fact[data-spans]", (el) => light([el, ...marks(el)]));
  on(kind, ".sheet mark[data-f]", (el) => light([el, ...factsOf(el), ...factsOf(el).flatMap(marks)]));
}
on("mouseout", ".letter", (el, ev) => { if (!el.contains(ev.relatedTarget as Node)) light([]); });
on("click", ".fact[data-spans]", (el, ev) => {
  const link = (ev.target as Element).closest("a");
  if (link?.hash.startsWith("#s")) ev.preventDefault();
  else if ((ev.target as Element).closest("a, button, input, select, textarea, summary, label")) return;
  show(marks(el)[0]);
});
on("click", ".sheet mark[data-f]", (el) => show(factsOf(el)[0]));
for (const m of all(".sheet mark[data-f]")) m.tabIndex = 0;
on("keydown", ".sheet mark[data-f]", (el, ev) => { if (ev.key === "Enter") factsOf(el)[0]?.querySelector<HTMLElement>("a, button, summary, input")?.focus(); });
