// What waits on this device until there is a network: a small wrapper around IndexedDB.
const NAME = "canh-visits";
const STORES = ["answers", "photos"] as const;
type Store = (typeof STORES)[number];

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => { for (const store of STORES) asked.result.createObjectStore(store); };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function run<T>(store: Store, mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const tx = db.transaction(store, mode);
      const asked = act(tx.objectStore(store));
      // Only a finished transaction is on the disk.
      tx.oncomplete = () => resolve(asked.result);
      tx.onerror = tx.onabort = () => reject(tx.error);
    });
  } finally {
    db.close();
  }
}

export const put = (store: Store, key: string, value: object): Promise<IDBValidKey> => run(store, "readwrite", (s) => s.put(value, key));
export const drop = (store: Store, key: string): Promise<undefined> => run(store, "readwrite", (s) => s.delete(key));
export const get = <T>(store: Store, key: string): Promise<T | undefined> => run(store, "readonly", (s) => s.get(key));
/** Everything whose key begins so, in the order of the keys. */
export const below = <T>(store: Store, start: string): Promise<T[]> => run(store, "readonly", (s) => s.getAll(IDBKeyRange.bound(start, start + "\uffff")));
