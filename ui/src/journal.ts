// What was typed last, written down before the key is up: a telephone may throw the page away at any moment, and only
// localStorage is on the disk when a call returns. What is here waits to be put where it belongs, under its person's name.
const START = "canh-visit:";

/** Writes it down; false where the device lets nothing be kept (private window, no room). */
export function note(key: string, value: object): boolean {
  try {
    localStorage.setItem(START + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function noted<T>(key: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(START + key) ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Forgets it; with `same`, only where it is still that and nothing was written since. */
export function forget<T>(key: string, same?: (last: T) => boolean): void {
  const last = noted<T>(key);
  if (last === undefined || (same && !same(last))) return;
  localStorage.removeItem(START + key);
}
