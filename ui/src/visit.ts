// The form of an inspection: every answer is kept on the device at once and sent when there is a network. Each act has a
// number of its own, so that one sent twice is done once, and names the version it was made upon, so that nobody's answer
// is overwritten unseen.
import { all } from "./dom";
import { forget, note as jot, noted } from "./journal";
import { shrink } from "./photo";
import { below, drop, get, put } from "./store";
import { words } from "./words";

interface Waiting { visit: string; item: string; answer: string; note: string; base: number; op: string; at: string; theirs?: Theirs }
interface Theirs { version: number; answer: string; word: string; note: string; by: string }
/** What stands in an item's fields, and upon which version it was written. */
interface Typed { answer: string; note: string; base: number }
interface Photo { visit: string; item: string; id: string; at: string; blob: Blob; refused?: string }
type Reply = { outcome: "kept"; version: number } | { outcome: "conflict"; version: number; answer?: string; word?: string; note?: string; by?: string };
/** How a try to send ended: done, no network, not signed in, or refused for good with a reason. */
type Tried = { ok: unknown } | { wait: string } | { no: string };

const AGAIN_MS = 15_000;
const TYPING_MS = 600;

const form = document.querySelector<HTMLFormElement>("form[data-visit]");
if (form && "indexedDB" in window) start(form);
// Whoever signs in next must not find the pages of whoever went out. What waits to be sent stays, under its person's name.
if (document.querySelector('form[action="/login"]') && "caches" in window) void caches.delete("canh-visit");

function start(form: HTMLFormElement): void {
  const visit = form.dataset.visit ?? "";
  const mine = `${form.dataset.person ?? ""}/${visit}/`;
  const bar = document.querySelector<HTMLElement>("[data-visit-bar]");
  const state = document.querySelector<HTMLElement>("[data-visit-state]");
  const boxes = new Map(all<HTMLFieldSetElement>("[data-item]", form).map((box) => [box.dataset.item ?? "", box]));
  const timers = new Map<string, number>();
  const touched = new Set<string>();
  let sending = false;
  let problem = "";
  if (bar) bar.hidden = false;
  const foot = form.querySelector<HTMLElement>(".formfoot");
  if (foot) foot.hidden = true;

  // Reading the form.
  const chosen = (item: string) => form.querySelector<HTMLInputElement>(`input[name="a-${CSS.escape(item)}"]:checked`)?.value ?? "";
  const note = (item: string) => form.querySelector<HTMLTextAreaElement>(`textarea[name="n-${CSS.escape(item)}"]`);
  const base = (item: string) => form.querySelector<HTMLInputElement>(`input[name="b-${CSS.escape(item)}"]`);
  const say = (item: string, text: string) => {
    const out = boxes.get(item)?.querySelector<HTMLOutputElement>("[data-said]");
    if (out) out.textContent = text;
  };
  const show = (item: string, answer: string, text: string) => {
    for (const radio of all<HTMLInputElement>(`input[name="a-${CSS.escape(item)}"]`, form)) radio.checked = radio.value === answer;
    const area = note(item);
    if (area) area.value = text;
  };

  const typed = (item: string): Typed => ({ answer: chosen(item), note: note(item)?.value ?? "", base: Number(base(item)?.value ?? 0) });
  /** Before anything is awaited: from here on a reload loses nothing. */
  const hold = (item: string): void => {
    touched.add(item);
    if (jot(mine + item, typed(item))) say(item, words.kept);
  };

  async function keep(item: string, upon?: number): Promise<void> {
    clearTimeout(timers.get(item));
    timers.delete(item);
    const held = await get<Waiting>("answers", mine + item);
    const now = typed(item);
    const waiting: Waiting = {
      visit, item, answer: now.answer, note: now.note.trim(), op: crypto.randomUUID(), at: new Date().toISOString(),
      base: held?.base ?? upon ?? now.base,
    };
    if (held?.theirs) waiting.theirs = held.theirs;
    await put("answers", mine + item, waiting);
    forget<Typed>(mine + item, (last) => last.answer === now.answer && last.note === now.note);
    say(item, words.kept);
    count();
    void send();
  }

  /** One request; tells a missing network from a refusal. */
  async function ask(path: string, body: BodyInit, type?: string): Promise<Tried> {
    const headers: Record<string, string> = { "X-CSRF-Token": document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "", Accept: "application/json" };
    if (type) headers["Content-Type"] = type;
    let answer: Response;
    try {
      answer = await fetch(`${form.dataset.api}${path}`, { method: "POST", body, headers, credentials: "same-origin" });
    } catch {
      return { wait: words.offline };
    }
    if (answer.ok) return { ok: await answer.json().catch(() => null) };
    if (answer.status === 401 || answer.status === 403) return (await fresh()) ? ask(path, body, type) : { wait: words.signin };
    if (answer.status === 429 || answer.status === 408 || answer.status >= 500) return { wait: words.later };
    const why = (await answer.json().catch(() => null)) as { detail?: string; title?: string } | null;
    return { no: why?.detail ?? why?.title ?? String(answer.status) };
  }

  let refreshed = 0;
  /** A page kept on the device bears an old token; a new page bears a new one. At most once a minute. */
  async function fresh(): Promise<boolean> {
    if (Date.now() - refreshed < 60_000) return false;
    refreshed = Date.now();
    const page = await fetch(location.pathname, { credentials: "same-origin", cache: "no-store", headers: { "X-Fresh": "1" } }).catch(() => null);
    if (!page?.ok || page.redirected) return false;
    const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
    const meta = document.querySelector<HTMLMetaElement>('meta[name="csrf"]');
    if (!token || !meta) return false;
    meta.content = token;
    for (const field of all<HTMLInputElement>('input[name="csrf"]')) field.value = token;
    return true;
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    problem = "";
    try {
      for (const waiting of await below<Waiting>("answers", mine)) {
        if (waiting.theirs) continue;
        const body = JSON.stringify({ item: waiting.item, answer: waiting.answer || null, note: waiting.note, base: waiting.base, op: waiting.op, at: waiting.at });
        const tried = await ask("/answers", body, "application/json");
        if ("wait" in tried) { problem = tried.wait; break; }
        await settle(waiting, tried);
      }
      if (!problem) for (const photo of await below<Photo>("photos", mine)) {
        if (photo.refused) continue;
        const body = new FormData();
        body.append("id", photo.id);
        body.append("item", photo.item);
        body.append("at", photo.at);
        body.append("file", photo.blob, `${photo.item}.jpg`);
        const tried = await ask("/photos", body);
        if ("wait" in tried) { problem = tried.wait; break; }
        if ("no" in tried) { await put("photos", mine + photo.id, { ...photo, refused: tried.no }); say(photo.item, tried.no); }
        else { await drop("photos", mine + photo.id); document.getElementById(`w-${photo.id}`)?.classList.remove("waits"); say(photo.item, words.sent); }
      }
    } finally {
      sending = false;
      await tell();
    }
    // What was typed while this was on its way.
    if (!problem && (await open()).length) setTimeout(() => void send(), 1_000);
  }

  async function settle(sent: Waiting, tried: { ok: unknown } | { no: string }): Promise<void> {
    const key = mine + sent.item;
    const now = await get<Waiting>("answers", key);
    if ("no" in tried) {
      say(sent.item, tried.no);
      if (now?.op === sent.op) await drop("answers", key);
      return;
    }
    const reply = tried.ok as Reply;
    if (reply.outcome === "kept") {
      const held = base(sent.item);
      if (held) held.value = String(reply.version);
      if (now?.op === sent.op) { await drop("answers", key); say(sent.item, words.sent); }
      else if (now) await put("answers", key, { ...now, base: reply.version });
      return;
    }
    const theirs: Theirs = { version: reply.version, answer: reply.answer ?? "", word: reply.word ?? "", note: reply.note ?? "", by: reply.by ?? "" };
    if (now) await put("answers", key, { ...now, theirs });
    conflict(sent.item, theirs);
  }

  /** Two people answered: whoever holds the device decides, and sees what the other said. */
  function conflict(item: string, theirs: Theirs): void {
    const box = boxes.get(item)?.querySelector<HTMLElement>("[data-conflict]");
    if (!box) return;
    const button = (label: string, run: () => Promise<void>) => {
      const el = document.createElement("button");
      el.type = "button";
      el.className = "btn s";
      el.textContent = label;
      el.onclick = () => { box.hidden = true; void run().then(() => send()); };
      return el;
    };
    const text = document.createElement("p");
    text.textContent = `${theirs.by} ${words.others} ${theirs.word}${theirs.note ? ` (${theirs.note})` : ""}`;
    const held = base(item);
    box.replaceChildren(text, button(words.keepMine, async () => {
      const now = await get<Waiting>("answers", mine + item);
      if (!now) return;
      const { theirs: _, ...rest } = now;
      await put("answers", mine + item, { ...rest, base: theirs.version, op: crypto.randomUUID() });
      if (held) held.value = String(theirs.version);
    }), " ", button(words.takeTheirs, async () => {
      await drop("answers", mine + item);
      show(item, theirs.answer, theirs.note);
      if (held) held.value = String(theirs.version);
      say(item, words.sent);
      count();
    }));
    box.hidden = false;
    say(item, words.kept);
  }

  const open = async () => [...(await below<Waiting>("answers", mine)).filter((w) => !w.theirs), ...(await below<Photo>("photos", mine)).filter((p) => !p.refused)];

  async function tell(): Promise<void> {
    const n = (await below<Waiting>("answers", mine)).length + (await below<Photo>("photos", mine)).length;
    if (!state) return;
    state.className = n === 0 ? "st m" : problem ? "st u" : "st p";
    state.textContent = n === 0 ? words.allSent : `${n} ${words.notSent}${problem ? ` · ${problem}` : ""}`;
  }

  function count(): void {
    const done = [...boxes.keys()].filter((item) => chosen(item)).length;
    const shown = document.querySelector("[data-visit-count]");
    const progress = bar?.querySelector("progress");
    if (shown) shown.textContent = `${done}/${boxes.size}`;
    if (progress) progress.value = done;
  }

  function thumb(photo: Photo): void {
    const place = boxes.get(photo.item)?.querySelector<HTMLElement>("[data-photos]");
    if (!place || document.getElementById(`w-${photo.id}`)) return;
    const figure = document.createElement("figure");
    figure.id = `w-${photo.id}`;
    figure.className = "waits";
    const img = document.createElement("img");
    img.alt = words.photo;
    // The page may show data of its own, not addresses of blobs.
    const reader = new FileReader();
    reader.onload = () => { img.src = String(reader.result); };
    reader.readAsDataURL(photo.blob);
    figure.append(img);
    place.append(figure);
  }

  form.addEventListener("change", (ev) => {
    const el = ev.target as HTMLInputElement;
    const item = el.closest<HTMLElement>("[data-item]")?.dataset.item;
    if (!item) return;
    if (el.type !== "radio") return;
    hold(item);
    void keep(item);
  });
  form.addEventListener("input", (ev) => {
    const el = ev.target as HTMLElement;
    const item = el.closest<HTMLElement>("[data-item]")?.dataset.item;
    if (!item || el.tagName !== "TEXTAREA") return;
    hold(item);
    clearTimeout(timers.get(item));
    timers.set(item, window.setTimeout(() => void keep(item), TYPING_MS));
  });
  // File fields belong to forms of their own, which send without script; so they are listened to one by one.
  for (const field of all<HTMLInputElement>("[data-photo]")) field.addEventListener("change", () => void take(field));
  async function take(field: HTMLInputElement): Promise<void> {
    const item = field.closest<HTMLElement>("[data-item]")?.dataset.item;
    const file = field.files?.[0];
    if (!item || !file) return;
    field.value = "";
    const blob = await shrink(file);
    if (!blob) return say(item, words.noPhoto);
    const photo: Photo = { visit, item, id: crypto.randomUUID(), at: new Date().toISOString(), blob };
    await put("photos", mine + photo.id, photo);
    thumb(photo);
    say(item, words.kept);
    void send();
  }

  // What is typed for the end stays on the device until it is sent; it is the page's again where nobody wrote since.
  const end = document.querySelector<HTMLFormElement>("[data-visit-end]");
  const endKey = `${mine}#end`;
  const texts = end ? all<HTMLInputElement | HTMLTextAreaElement>("input[type=text], textarea", end) : [];
  for (const [name, value] of Object.entries(noted<Record<string, string>>(endKey) ?? {})) {
    const field = texts.find((f) => f.name === name);
    if (field && !field.value) field.value = value;
  }
  end?.addEventListener("input", () => jot(endKey, Object.fromEntries(texts.map((f) => [f.name, f.value]))));
  // The end of the visit needs everything to be there.
  end?.addEventListener("submit", (ev) => {
    if (state?.classList.contains("m")) return forget(endKey);
    ev.preventDefault();
    ev.stopImmediatePropagation();
    bar?.scrollIntoView();
    void send();
  }, true);

  void (async () => {
    for (const waiting of await below<Waiting>("answers", mine)) {
      if (!boxes.has(waiting.item) || touched.has(waiting.item)) continue;
      show(waiting.item, waiting.answer, waiting.note);
      say(waiting.item, words.kept);
      if (waiting.theirs) conflict(waiting.item, waiting.theirs);
    }
    for (const photo of await below<Photo>("photos", mine)) thumb(photo);
    // Typed last and not yet put there: it is what the person saw.
    for (const item of boxes.keys()) {
      const last = touched.has(item) ? undefined : noted<Typed>(mine + item);
      if (!last) continue;
      show(item, last.answer, last.note);
      await keep(item, last.base);
    }
    count();
    await tell();
    await send();
  })();
  addEventListener("online", () => void send());
  addEventListener("offline", () => { problem = words.offline; void tell(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) for (const item of [...timers.keys()]) void keep(item);
    else void send();
  });
  setInterval(() => { if (problem) void send(); }, AGAIN_MS);
  // The page can be opened again without a network.
  navigator.serviceWorker?.register("/inspections/sw.js", { scope: "/inspections/" }).catch(() => {});
}
