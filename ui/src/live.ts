// Live pages: <main data-live="/events?topics=board"> listens to server-sent events.
//   event: cells    data: [["row-id","CODE","p","88/143"], …]   → one board cell each: tr#row-id, column th[data-c=CODE]
//   event: texts    data: {"element-id": "text", …}             → text of an element
//   event: refresh  data: "#a, #b"                              → those elements re-fetch themselves (hx-get + hx-trigger="refresh")
//   event: beat     every 15 s at least                          → still there
// Nothing heard for 40 s, or the connection broken: the page says so. Hidden pages let go of the line.
import { all } from "./dom";
import { htmx } from "./htmx";
import { words } from "./words";

const SILENT_MS = 40_000;
/** A break shorter than this is not worth a word: the browser reconnects by itself. */
const LOST_MS = 4_000;
const STATES = ["m", "p", "n", "u", "d", "x", "a"];
type Cell = [row: string, code: string, state: string, text: string];

function setCell([row, code, state, text]: Cell): void {
  const tr = document.getElementById(row);
  const head = all(".board thead th").findIndex((th) => th.dataset.c === code);
  const td = tr?.children[head];
  const a = td?.firstElementChild;
  if (!td || !a || !STATES.includes(state)) return;
  td.className = `${state} new`;
  a.textContent = text;
}

function start(url: string): void {
  const signs = all(".live");
  let source: EventSource | null = null;
  let heard = Date.now();
  const say = (ok: boolean) => {
    for (const s of signs) {
      s.classList.toggle("off", !ok);
      s.textContent = ok ? words.live : words.lost;
    }
  };
  const hear = (run: (data: string) => void) => (ev: MessageEvent<string>) => {
    heard = Date.now();
    say(true);
    run(ev.data);
  };
  const open = () => {
    if (source || document.hidden) return;
    heard = Date.now();
    source = new EventSource(url);
    source.onopen = () => say(true);
    source.onerror = () => setTimeout(() => { if (source && source.readyState !== EventSource.OPEN) say(false); }, LOST_MS);
    source.addEventListener("beat", hear(() => {}));
    source.addEventListener("cells", hear((d) => (JSON.parse(d) as Cell[]).forEach(setCell)));
    source.addEventListener("texts", hear((d) => {
      for (const [id, text] of Object.entries(JSON.parse(d) as Record<string, string>)) {
        const el = document.getElementById(id);
        if (el) el.textContent = text;
      }
    }));
    source.addEventListener("refresh", hear((d) => all(d).forEach((el) => htmx.trigger(el, "refresh"))));
  };
  const close = () => { source?.close(); source = null; };
  open();
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  setInterval(() => {
    if (!source || Date.now() - heard < SILENT_MS) return;
    say(false);
    close();
    open();
  }, 5000);
}

const url = document.querySelector<HTMLElement>("[data-live]")?.dataset.live;
if (url) start(url);
