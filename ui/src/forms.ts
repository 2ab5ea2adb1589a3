// Forms: undo before it is sent, a guard for what is unsaved, copy buttons, files dropped with progress.
import { all, on } from "./dom";
import { htmx } from "./htmx";
import { toast } from "./toast";
import { words } from "./words";

const UNDO_MS = 6000;

// <form data-undo="Đã gỡ tệp">: the row disappears, a toast offers to take it back, then it is sent. Leaving the page sends it at once.
on("submit", "form[data-undo]", (el, ev) => {
  const form = el as HTMLFormElement;
  const row = form.closest<HTMLElement>("tr, li, .fact, .card, [data-undo-row]");
  ev.preventDefault();
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form, (ev as SubmitEvent).submitter)) if (typeof v === "string") body.append(k, v);
  if (row) row.hidden = true;
  const back = () => { if (row) row.hidden = false; };
  let open = true;
  const send = () => {
    if (!open) return;
    open = false;
    fetch(form.action, { method: "POST", body, keepalive: true, credentials: "same-origin" })
      .then((r) => { if (!r.ok) throw new Error(String(r.status)); })
      .catch(() => { back(); toast(words.failed, "bad"); });
  };
  toast(form.dataset.undo ?? "", "", { label: words.undo, run: () => { open = false; back(); } }, UNDO_MS);
  setTimeout(send, UNDO_MS);
  addEventListener("pagehide", send, { once: true });
});

// <form data-guard>: leaving with unsaved typing asks first.
let dirty = false;
on("input", "form[data-guard]", () => { dirty = true; });
document.addEventListener("submit", () => { dirty = false; });
addEventListener("beforeunload", (ev) => {
  if (!dirty) return;
  ev.preventDefault();
  ev.returnValue = words.unsaved;
});

// A second press while the first is on its way does nothing.
on("submit", "form:not([data-undo])", (el, ev) => {
  if (el.dataset.sent && !el.hasAttribute("hx-post")) return ev.preventDefault();
  el.dataset.sent = "1";
  setTimeout(() => delete el.dataset.sent, 4000);
});

// <button data-copy="text"> or data-copy="#id".
on("click", "[data-copy]", (el) => {
  const what = el.dataset.copy ?? "";
  const text = what.startsWith("#") ? (document.getElementById(what.slice(1))?.textContent ?? "") : what;
  navigator.clipboard?.writeText(text.trim()).then(() => toast(words.copied, "ok", undefined, 2000), () => {});
});

// <form data-drop>: drop a file anywhere on it; the upload shows how far it is and ends where the server sends it.
on("dragover", "form[data-drop]", (el, ev) => { ev.preventDefault(); el.classList.add("over"); });
on("dragleave", "form[data-drop]", (el) => el.classList.remove("over"));
on("drop", "form[data-drop]", (el, ev) => {
  ev.preventDefault();
  el.classList.remove("over");
  const input = el.querySelector<HTMLInputElement>("input[type=file]");
  if (!input || !ev.dataTransfer?.files.length) return;
  input.files = ev.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
on("change", "form[data-drop] input[type=file]", (el) => {
  const out = el.closest("form")?.querySelector("output");
  const files = [...((el as HTMLInputElement).files ?? [])];
  if (out && files.length) out.textContent = `${words.chosen}: ${files.map((f) => f.name).join(", ")}`;
});
on("submit", "form[data-drop]", (el, ev) => {
  const form = el as HTMLFormElement;
  const bar = form.querySelector("progress");
  const out = form.querySelector("output");
  if (!bar || ev.defaultPrevented) return;
  ev.preventDefault();
  const xhr = new XMLHttpRequest();
  xhr.open("POST", form.action);
  xhr.upload.onprogress = (p) => {
    bar.hidden = false;
    bar.max = p.total;
    bar.value = p.loaded;
    if (out) out.textContent = `${words.uploading} ${Math.floor((100 * p.loaded) / p.total)} %`;
  };
  xhr.onload = () => {
    // Sent elsewhere: go there. Answered here, by a preview or by what is wrong: show that.
    if (xhr.status < 400 && xhr.responseURL !== form.action) return location.assign(xhr.responseURL);
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (!page || !main) return toast(words.failed, "bad");
    main.replaceWith(page);
    htmx.process(page);
    scrollTo(0, 0);
  };
  xhr.onerror = () => { bar.hidden = true; toast(words.failed, "bad"); };
  xhr.send(new FormData(form));
});

// <select data-submit>: filters apply as they change; without script the button beside them does it.
on("change", "[data-submit]", (el) => el.closest("form")?.requestSubmit());

// <input type=checkbox data-all="name">: ticks every box of that name in the form.
on("change", "[data-all]", (el) => {
  const on = (el as HTMLInputElement).checked;
  for (const box of all<HTMLInputElement>(`input[name="${CSS.escape(el.dataset.all ?? "")}"]`, el.closest("form") ?? document)) box.checked = on;
});
