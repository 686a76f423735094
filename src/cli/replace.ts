import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What Windows reports while another program, such as a virus scanner or an indexer, has one of the files open. */
const IN_USE: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);

/** Between attempts, in milliseconds: together 2.5 seconds, which outlast a scan. */
const WAITS = [10, 20, 40, 80, 160, 320, 640, 1280];

/**
 * Does something with a file. Windows refuses much as long as anyone has it open, so there it is tried again for some seconds;
 * elsewhere, open files are no obstacle and an error is final.
 *
 * @throws the system's error
 */
export async function onceFree<Result>(
  action: () => Result | Promise<Result>,
  platform: NodeJS.Platform = process.platform,
): Promise<Result> {
  for (const wait of platform === "win32" ? WAITS : []) {
    try {
      return await action();
    } catch (error) {
      if (!IN_USE.has((error as NodeJS.ErrnoException).code)) throw error;
    }
    await sleep(wait);
  }
  return await action();
}

/** What {@link replaceFile} depends on. */
export interface Replacing {
  readonly platform?: NodeJS.Platform;
  readonly move?: (from: string, to: string) => Promise<void>;
}

/**
 * Moves a file to a path where another may be, atomically, {@link onceFree}.
 *
 * @throws the system's error
 */
export const replaceFile = (from: string, to: string, { platform, move = rename }: Replacing = {}): Promise<void> =>
  onceFree(() => move(from, to), platform);
