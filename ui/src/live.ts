// Live pages: <main data-live="/events?topics=board"> listens to server-sent events.
//   event: cells    data: [["row-id","CODE","p","88/143"], …]   → one board cell each: tr#row-id, column th[data-c=CODE];
//                         a row or cell the page does not have yet → what is marked data-anew is fetched again;
//                         not so where table.board[data-last=N] shows one page of its rows and the row's number is ≤ N
//   event: texts    data: {"element-id": "text", …}             → text of an element
//   event: refresh  data: "#a, #b"                              → those elements re-fetch themselves (hx-get + hx-trigger="refresh");
//                         scripts of the page hear "canh:refresh" on the document
//   event: anew                                                 → what is marked data-anew is fetched again
//   event: beat     every 15 s at least                          → still there
// Nothing heard for 40 s, or the connection broken: the page says so. Hidden pages let go of the line.
import { all } from "./dom";
import { htmx } from "./htmx";
import { words } from "./words";

const SILENT_MS = 40_000;
/** A break shorter than this is not worth a word: the browser reconnects by itself. */
const LOST_MS = 4_000;
/** Rows that come to be one by one are fetched together. */
const ANEW_MS = 3_000;
const STATES = ["m", "p", "n", "u", "d", "x", "a"];
type Cell = [row: string, code: string, state: string, text: string];

/** Whether a row stands on another page of the board: it was there already when this one was made. A sum stands below its body. */
function elsewhere(row: string): boolean {
  const last = document.querySelector<HTMLElement>("table.board")?.dataset.last;
  const number = row.slice(1);
  return last !== undefined && Number(number) <= Number(last) && !document.getElementById(`r${number}`);
}

/** Sets a cell; false where the page has no such cell and should. */
function setCell([row, code, state, text]: Cell): boolean {
  const tr = document.getElementById(row);
  if (!tr && elsewhere(row)) return true;
  const head = all(".board thead th").findIndex((th) => th.dataset.c === code);
  const td = tr?.children[head];
  const a = td?.firstElementChild;
  if (!STATES.includes(state)) return true;
  if (head < 0 || !td || !a) return false;
  td.className = `${state} new`;
  a.textContent = text;
  return true;
}

let waiting = 0;
/** Fetches the page once more and takes over what is marked, where its reader had scrolled to. */
function anew(): void {
  waiting ||= window.setTimeout(() => {
    void fetch(location.href, { credentials: "same-origin" }).then(async (answer) => {
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of all("[data-anew]")) {
        const box = old.querySelector(".boardbox");
        const [top, left] = [box?.scrollTop ?? 0, box?.scrollLeft ?? 0];
        old.replaceChildren(...(page.getElementById(old.id)?.childNodes ?? []));
        old.querySelector(".boardbox")?.scrollTo(left, top);
      }
    }).catch(() => {}).finally(() => { waiting = 0; });
  }, ANEW_MS);
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
    source.addEventListener("cells", hear((d) => {
      // Every one is set; one that cannot be makes the whole be fetched.
      if (!(JSON.parse(d) as Cell[]).map(setCell).every(Boolean)) anew();
    }));
    source.addEventListener("anew", hear(anew));
    source.addEventListener("texts", hear((d) => {
      for (const [id, text] of Object.entries(JSON.parse(d) as Record<string, string>)) {
        const el = document.getElementById(id);
        if (el) el.textContent = text;
      }
    }));
    source.addEventListener("refresh", hear((d) => {
      all(d).forEach((el) => htmx.trigger(el, "refresh"));
      document.dispatchEvent(new Event("canh:refresh"));
    }));
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
