// What was typed into a form that was refused is put back where the page after it comes without it; kept until that page only.
import { all } from "./dom";

const KEY = "canh-typed";
const LONG = 60_000;
const FIELDS = "textarea, select, input:not([type=hidden], [type=file], [type=password], [type=submit])";
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
interface Kept { action: string; at: number; values: string[] }

const ticks = (el: Field): el is HTMLInputElement => el instanceof HTMLInputElement && /^(checkbox|radio)$/.test(el.type);
// What only shows a date beside the field that is sent has no name.
const fields = (form: HTMLFormElement): Field[] => all<Field>(FIELDS, form).filter((el) => el.name !== "");
const value = (el: Field): string => (ticks(el) ? String(el.checked) : el.value);

document.addEventListener("submit", (ev) => {
  const form = ev.target as HTMLFormElement;
  // Secrets are typed again.
  if (ev.defaultPrevented || form.method !== "post" || form.querySelector("[type=password], [autocomplete=one-time-code]")) return;
  const kept: Kept = { action: form.getAttribute("action") ?? "", at: Date.now(), values: fields(form).map((el) => `${el.name}=${value(el)}`) };
  try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* too much, or no storage */ }
});

function putBack(kept: Kept): void {
  const [form, ...others] = all<HTMLFormElement>("form").filter((f) => f.getAttribute("action") === kept.action);
  if (!form || others.length > 0) return;
  const now = fields(form);
  const was = (el: Field, n: number) => (kept.values[n]?.startsWith(`${el.name}=`) ? kept.values[n].slice(el.name.length + 1) : null);
  if (now.length !== kept.values.length || now.some((el, n) => was(el, n) === null)) return;
  // What the page wrote into the form is not written over: somebody else may have changed it meanwhile.
  if (now.some((el, n) => !ticks(el) && el.tagName !== "SELECT" && el.value !== "" && el.value !== was(el, n))) return;
  now.forEach((el, n) => {
    const typed = was(el, n) ?? "";
    if (value(el) === typed) return;
    if (ticks(el)) el.checked = typed === "true";
    else el.value = typed;
    for (const kind of ["input", "change"]) el.dispatchEvent(new Event(kind, { bubbles: true }));
    for (let up = el.closest("details"); up; up = up.parentElement?.closest("details") ?? null) up.open = true;
  });
}

try {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
  sessionStorage.removeItem(KEY);
  if (kept && Date.now() - kept.at < LONG && document.querySelector(".flash.bad")) putBack(kept);
} catch { /* no storage: it is typed again */ }
