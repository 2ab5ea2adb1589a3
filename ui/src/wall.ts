// The board on a wall: nobody scrolls there, so the page goes on by itself, and begins anew now and then with the worst first.
const PAGE_MS = 15_000;
/** Whoever touches it is left in peace for so long. */
const PEACE_MS = 60_000;
/** Rows are in order of what was worst when the page was made. */
const ANEW_MS = 10 * 60_000;
/** So much of the page before stays in sight. */
const OVERLAP = 120;

if (document.documentElement.classList.contains("wall")) {
  const made = Date.now();
  let touched = 0;
  for (const kind of ["pointermove", "wheel", "keydown", "touchstart"]) {
    addEventListener(kind, () => (touched = Date.now()), { passive: true });
  }
  addEventListener("keydown", (ev) => {
    if (ev.key === "Escape") document.querySelector<HTMLAnchorElement>("a.leave")?.click();
  });
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  setInterval(() => {
    if (document.hidden || Date.now() - touched < PEACE_MS) return;
    const end = document.documentElement.scrollHeight - innerHeight;
    const below = scrollY + innerHeight - OVERLAP;
    const top = scrollY >= end - 1 ? 0 : Math.min(below, end);
    if (top === 0 && Date.now() - made > ANEW_MS) return location.reload();
    scrollTo({ top, behavior: still.matches ? "auto" : "smooth" });
  }, PAGE_MS);
}
