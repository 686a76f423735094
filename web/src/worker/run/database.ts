import type { UseStore } from "idb-keyval";

/** What one transaction changes: entries that are put in, and keys that are deleted. */
export interface Change {
  readonly put: readonly (readonly [key: string, value: unknown])[];
  readonly remove?: readonly string[];
}

/**
 * Changes a database: all of it or, after an error or in a tab that is killed meanwhile, none.
 *
 * @throws DOMException that ended the transaction, such as a QuotaExceededError
 */
export function change(database: UseStore, { put, remove = [] }: Change): Promise<void> {
  return database("readwrite", (store) => {
    const { transaction } = store;
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      // Not at the first error: then the transaction does not tell its reason yet.
      transaction.onabort = () => reject(transaction.error);
    });
    try {
      for (const key of remove) store.delete(key);
      for (const [key, value] of put) store.put(value, key);
    } catch (error) {
      transaction.abort();
      ended.catch(() => {});
      throw error;
    }
    return ended;
  });
}
