// Two helpers used everywhere.
export const all = <T extends Element = HTMLElement>(css: string, root: ParentNode = document): T[] => [...root.querySelectorAll<T>(css)];

/** Listens on the document for events from elements matching `css`, also those swapped in later. */
export function on<K extends keyof DocumentEventMap>(kind: K, css: string, run: (el: HTMLElement, ev: DocumentEventMap[K]) => void): void {
  document.addEventListener(kind, (ev) => {
    const el = ev.target instanceof Element ? ev.target.closest<HTMLElement>(css) : null;
    if (el) run(el, ev);
  });
}
