// Menus are <details>: one open at a time, closed by a click elsewhere or Escape.
import { all, on } from "./dom";

const close = (but?: Element | null) => {
  for (const m of all<HTMLDetailsElement>("details.menu[open]")) if (m !== but) m.open = false;
};
document.addEventListener("click", (ev) => close((ev.target as Element).closest?.("details.menu")));
document.addEventListener("keydown", (ev) => {
  const open = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (ev.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary")?.focus();
});

// Browsers before the popover attribute (2023) get the same dialogs from a class.
if (!("popover" in HTMLElement.prototype)) {
  document.documentElement.dataset.nopop = "";
  on("click", "[popovertarget]", (el) => {
    const box = document.getElementById(el.getAttribute("popovertarget") ?? "");
    const hide = el.getAttribute("popovertargetaction") === "hide";
    box?.classList.toggle("open", hide ? false : undefined);
  });
}
