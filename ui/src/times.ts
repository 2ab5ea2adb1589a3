// `<time class=ago datetime>` becomes "3 phút trước" with the exact time on hover; `<time class=until datetime>` counts down to its instant.
import { all } from "./dom";
import { lang, words } from "./words";

const rel = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : "vi-VN", { dateStyle: "short", timeStyle: "medium", hourCycle: "h23", timeZone: "Asia/Ho_Chi_Minh" });
const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function ago(seconds: number): string {
  const [unit, size] = units.find(([, s]) => Math.abs(seconds) >= s) ?? ["second", 1];
  return rel.format(Math.trunc(seconds / size), unit);
}

/** "4 ngày 05:12", under a day "05:12:09", past its instant "đã kết thúc". */
export function left(seconds: number): string {
  if (seconds <= 0) return words.ended;
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  const hm = `${two((seconds % 86400) / 3600)}:${two((seconds % 3600) / 60)}`;
  return days > 0 ? `${days} ${words.day} ${hm}` : `${hm}:${two(seconds % 60)}`;
}

function set(el: HTMLElement, text: string): void {
  if (el.textContent !== text) el.textContent = text;
}

export function tick(): void {
  const now = Date.now();
  for (const el of all<HTMLTimeElement>("time.ago, time.until")) {
    const at = Date.parse(el.dateTime);
    if (Number.isNaN(at)) continue;
    el.title ||= exact.format(at);
    const seconds = (at - now) / 1000;
    set(el, el.classList.contains("until") ? left(seconds) : ago(seconds));
  }
}

tick();
setInterval(() => { if (!document.hidden) tick(); }, 1000);
document.addEventListener("htmx:after:swap", tick);

// The mark shows the five watches of the night; between 19:00 and 05:00 the one being kept is lit.
const hour = Number(new Intl.DateTimeFormat("en", { hour: "numeric", hourCycle: "h23", timeZone: "Asia/Ho_Chi_Minh" }).format());
const watch = Math.floor(((hour + 5) % 24) / 2);
if (watch < 5) for (const svg of all<SVGElement>(".brand svg")) svg.dataset.watch = String(watch + 1);
