// A short message at the foot of the page, read out politely.
export type Kind = "" | "ok" | "warn" | "bad";

export function toast(text: string, kind: Kind = "", act?: { label: string; run: () => void }, ms = 6000): () => void {
  const el = document.createElement("div");
  el.className = `flash ${kind}`;
  el.setAttribute("role", kind === "bad" ? "alert" : "status");
  el.append(text);
  if (act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s end";
    button.textContent = act.label;
    button.onclick = () => { close(); act.run(); };
    el.append(button);
  }
  const close = () => { clearTimeout(timer); el.remove(); };
  const timer = setTimeout(close, ms);
  document.getElementById("toasts")?.append(el);
  return close;
}
