// Shows what the system pushes, and lets the form of an inspection be opened again without a network. Only pages of single visits and the assets they need
// are kept; everything else goes past untouched.
export {};
const scope = self as unknown as {
  addEventListener(kind: string, run: (ev: { request: Request; waitUntil(p: Promise<unknown>): void; respondWith(p: Promise<Response>): void }) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; openWindow(url: string): Promise<unknown> };
  registration: { showNotification(title: string, options: object): Promise<void> };
};
type Note = { title: string; body?: string; url?: string; tag?: string; urgent?: boolean; lang?: string; actions?: { action: string; title: string; url: string }[] };
type Woken = { waitUntil(p: Promise<unknown>): void };
const CACHE = "canh-visit";
const VISIT = /^\/inspections\/[0-9a-f-]{36}$/;

scope.addEventListener("install", (ev) => ev.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (ev) => ev.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (ev) => {
  const { request } = ev;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && VISIT.test(url.pathname)) ev.respondWith(page(request, url.pathname));
  else if (url.pathname.startsWith("/assets/")) ev.respondWith(asset(request));
});

/** The page as it is now, or, without a network, as it was. */
async function page(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(path, answer.clone());
    // Whoever may no longer see it keeps no copy.
    else if (answer.type !== "opaqueredirect") await cache.delete(path);
    return answer;
  } catch (lost) {
    const kept = await cache.match(path);
    if (kept) return kept;
    throw lost;
  }
}

/** An asset's name carries its content: what is kept is right for ever. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

const listen = self.addEventListener as unknown as (kind: string, run: (ev: never) => void) => void;

listen("push", (ev: Woken & { data?: { json(): Note } }) => {
  const note = ev.data?.json();
  if (!note) return;
  const { title, body, tag, lang, urgent, actions = [] } = note;
  // The same message again replaces itself; who took it replaces the call.
  ev.waitUntil(scope.registration.showNotification(title, {
    body, tag, lang, renotify: Boolean(tag), requireInteraction: urgent, data: note,
    actions: actions.map(({ action, title }) => ({ action, title })),
  }));
});

/** Opens the page; what is done there is done by its button, never by opening. */
listen("notificationclick", (ev: Woken & { action: string; notification: { close(): void; data?: Note } }) => {
  const { data } = ev.notification;
  const url = data?.actions?.find((a) => a.action === ev.action)?.url ?? data?.url ?? "/";
  ev.notification.close();
  if (new URL(url, location.origin).origin === location.origin) ev.waitUntil(scope.clients.openWindow(url));
});
