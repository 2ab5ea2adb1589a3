// Light, dark or as the machine says: at once, and kept in the cookie the server reads.
import { all, on } from "./dom";

on("click", "button[name=theme]", (el, ev) => {
  const theme = (el as HTMLButtonElement).value;
  ev.preventDefault();
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const b of all<HTMLButtonElement>("button[name=theme]")) {
    if (b.value === theme) b.setAttribute("aria-current", "true");
    else b.removeAttribute("aria-current");
  }
});
