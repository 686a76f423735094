/** Milliseconds to wait for the lock of a tab that is being closed or reloaded. */
const LOCK_TIMEOUT = 1500;

/** Whether site data are blocked, in which case locks are refused as if another tab had them. */
export async function isBlocked(): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open("lstm-wasm probe");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        opening.result.close();
        indexedDB.deleteDatabase("lstm-wasm probe");
        resolve();
      };
    });
    return false;
  } catch (error) {
    return error instanceof DOMException && ["SecurityError", "InvalidStateError"].includes(error.name);
  }
}

/** Acquires a lock that this worker holds as long as it lives; false where another tab has it. */
export function acquireLock(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const holding = navigator.locks.request(name, { signal: AbortSignal.timeout(LOCK_TIMEOUT) }, () => {
      resolve(true);
      return new Promise<never>(() => {});
    });
    holding.catch(() => resolve(false));
  });
}
