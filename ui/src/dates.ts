// Dates and times as this product writes them, dd/mm/yyyy and 24 hours, whatever the browser's own language is. The browser's
// input stays, out of sight: it is what is sent, what checks that there is such a day, and the calendar behind the button.
import { all } from "./dom";
import { words } from "./words";

const KINDS = 'input[type="date"], input[type="datetime-local"], input[type="time"]';
const SHAPE: Record<string, string> = { date: words.shapeDate, "datetime-local": `${words.shapeDate} ${words.shapeTime}`, time: words.shapeTime };

/** "2027-02-06T07:00" as people read it. */
export function write(iso: string): string {
  const [day, time] = iso.includes("-") ? iso.split("T") : ["", iso];
  return [(day ?? "").split("-").reverse().join("/"), (time ?? "").slice(0, 5)].filter(Boolean).join(" ");
}

/** What people type, as the browser's input takes it; "" for what is no date or time: 6/2/2027, 06.02.27, 06022027, 7:00, 7h30, 0700. */
export function read(text: string, kind: string): string {
  const two = (n: string | undefined) => (n ?? "0").padStart(2, "0");
  const clock = "(\\d{1,2})\\s*[:hg.]\\s*(\\d{2})?|(\\d{2})(\\d{2})";
  const time = (t: string) => {
    const m = t.trim().match(new RegExp(`^(?:${clock})$`, "i"));
    return m ? `${two(m[1] ?? m[3])}:${two(m[2] ?? m[4])}` : "";
  };
  if (kind === "time") return time(text);
  const iso = text.trim().match(/^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}))?$/);
  const m = iso ? null : text.trim().match(/^(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})|(\d{2})(\d{2})(\d{4}))(?:[\sT,]*(\S.*))?$/);
  if (!iso && !m) return "";
  const day = iso ? iso.slice(1, 4).join("-") : [(m?.[3] ?? m?.[6] ?? "").padStart(4, "20"), two(m?.[2] ?? m?.[5]), two(m?.[1] ?? m?.[4])].join("-");
  if (kind === "date") return day;
  const hour = iso ? (iso[4] ?? "00:00") : m?.[7] ? time(m[7]) : "00:00";
  return hour && `${day}T${hour}`;
}

function dress(native: HTMLInputElement): void {
  const kind = native.type;
  const shown = document.createElement("input");
  for (const name of ["id", "aria-label", "aria-describedby", "aria-invalid", "title"]) {
    const value = native.getAttribute(name);
    if (value !== null) shown.setAttribute(name, value);
  }
  Object.assign(shown, { type: "text", autocomplete: "off", placeholder: SHAPE[kind], required: native.required, disabled: native.disabled, readOnly: native.readOnly, inputMode: "numeric" });
  shown.value = write(native.value);
  native.removeAttribute("id");
  Object.assign(native, { required: false, tabIndex: -1, ariaHidden: "true" });
  const box = document.createElement("span");
  box.className = "when";
  box.dataset.kind = kind;
  native.replaceWith(box);
  box.append(shown, native);
  if (kind !== "time") {
    const open = document.createElement("button");
    Object.assign(open, { type: "button", tabIndex: -1, ariaLabel: words.calendar, title: words.calendar, disabled: native.disabled });
    open.innerHTML = '<i class="i i-calendar"></i>';
    open.addEventListener("click", () => { try { native.showPicker(); } catch { shown.focus(); } });
    box.append(open);
  }
  const judge = () => shown.setCustomValidity(shown.value.trim() && !native.value ? `${words.when} ${SHAPE[kind]}` : native.validationMessage);
  const follow = () => { shown.value = write(native.value); judge(); };
  shown.addEventListener("input", () => { native.value = read(shown.value, kind); judge(); });
  shown.addEventListener("change", () => {
    if (native.value) shown.value = write(native.value);
    native.dispatchEvent(new Event("change", { bubbles: true }));
  });
  native.addEventListener("input", follow);
  native.addEventListener("change", follow);
  native.form?.addEventListener("reset", () => setTimeout(follow));
}

const undressed = () => all<HTMLInputElement>(KINDS).filter((el) => el.parentElement?.className !== "when");
const dressAll = () => undressed().forEach(dress);

dressAll();
document.addEventListener("htmx:after:swap", dressAll);
// A page put in place by a script.
new MutationObserver((seen) => { if (seen.some((m) => m.addedNodes.length > 0) && undressed().length > 0) dressAll(); }).observe(document.body, { childList: true, subtree: true });
