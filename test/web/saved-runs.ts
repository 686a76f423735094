import type { Page } from "playwright";
import { expect } from "vitest";

export interface SavedRun {
  readonly id: string;
  readonly epoch: number;
  readonly size: number;
}

/** The saved runs of texts. Nothing else is in the database but the two parts of each. */
export async function savedRuns(page: Page): Promise<readonly SavedRun[]> {
  const { runs, keys } = await page.evaluate(
    () =>
      new Promise<{ runs: SavedRun[]; keys: string[] }>((resolve, reject) => {
        const opening = indexedDB.open("lstm-wasm text");
        opening.onerror = () => reject(opening.error);
        opening.onupgradeneeded = () => opening.result.createObjectStore("runs");
        opening.onsuccess = () => {
          const database = opening.result;
          const store = database.transaction("runs").objectStore("runs");
          const [runs, keys] = [store.get("runs"), store.getAllKeys()];
          store.transaction.oncomplete = () => {
            database.close();
            resolve({ runs: runs.result ?? [], keys: keys.result as string[] });
          };
        };
      }),
  );
  const parts = runs.flatMap(({ id }) => [`run ${id}`, `data ${id}`]);
  expect(keys.filter((key) => key !== "runs").sort()).toEqual(parts.sort());
  return runs;
}

/** Waits until a run is saved at a later epoch, and returns that. */
export async function savedAfter(page: Page, epoch: number): Promise<number> {
  let saved = 0;
  await expect
    .poll(async () => {
      saved = (await savedRuns(page))[0]?.epoch ?? 0;
      return saved;
    })
    .toBeGreaterThan(epoch);
  return saved;
}
