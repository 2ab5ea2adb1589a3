// Notifications in this browser: asks for leave, subscribes, and hands the subscription to the form.
const form = document.querySelector<HTMLFormElement>("form[data-push]");
if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) start(form);

function start(form: HTMLFormElement): void {
  const said = form.querySelector<HTMLOutputElement>("[data-said]");
  const say = (text?: string) => said && (said.textContent = text ?? "");
  form.hidden = false;
  form.addEventListener("submit", (ev) => {
    ev.preventDefault();
    void subscribe(form).then((why) => (why ? say(said?.dataset[why]) : form.submit()));
  });
}

/** Fills the form; says which sentence tells why it could not. */
async function subscribe(form: HTMLFormElement): Promise<"refused" | "failed" | undefined> {
  try {
    if ((await Notification.requestPermission()) !== "granted") return "refused";
    // The same worker as the visit's form: a subscription belongs to a worker, not to its addresses.
    const worker = await navigator.serviceWorker.register("/inspections/sw.js");
    const old = await worker.pushManager.getSubscription();
    // One made with another key of this system, or of one before it, is of no use.
    if (old) await old.unsubscribe();
    const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push ?? "") });
    const { endpoint, keys } = made.toJSON();
    const set = (name: string, value = "") => (form.querySelector<HTMLInputElement>(`input[name=${name}]`)!.value = value);
    set("endpoint", endpoint);
    set("p256dh", keys?.p256dh);
    set("auth", keys?.auth);
    set("device", device());
    return undefined;
  } catch {
    return "failed";
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

/** "Chrome · Android": enough to tell one's own devices apart. */
function device(): string {
  const agent = navigator.userAgent;
  const browser = [["Edg", "Edge"], ["coc_coc", "Cốc Cốc"], ["Firefox", "Firefox"], ["Chrome", "Chrome"], ["Safari", "Safari"]].find(([sign]) => agent.includes(sign ?? ""))?.[1];
  const system = ["Android", "iPhone", "iPad", "Windows", "Mac", "Linux"].find((name) => agent.includes(name));
  return [browser, system].filter(Boolean).join(" · ");
}

export {};
