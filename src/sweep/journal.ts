import { join } from "node:path";
import { readBytes } from "../cli/files.js";
import { shownPath } from "../cli/paths.js";
import { writeWhole } from "../cli/write.js";
import { parseJson } from "../common/parse-json.js";
import { display, toJson } from "../common/show.js";
import type { Values } from "./draw.js";
import { SweepError } from "./errors.js";
import { checkedResult, type Result } from "./job.js";

/** Identifies the file. */
const FORMAT = "lstm-wasm sweep";
const VERSION = 1;
/** Most bytes of a journal. */
const LARGEST = 2 ** 30;

/** Most characters of a part in a message. */
const SHOWN = 200;
const shown = (part: unknown): string => display(toJson(part), SHOWN);

/** What determines a sweep: its parts by name, for a message about one that differs. */
export type Identity = Readonly<Record<string, unknown>>;

/** What is known of a sweep that was begun. */
export interface Begun {
  /** Distinguishes it from others on the same queue. */
  readonly id: string;
  readonly results: readonly (readonly Result[])[];
}

/** The file from which a sweep goes on. It is replaced as a whole after each result. */
export class Journal {
  /** @param path of its file */
  constructor(readonly path: string) {}

  static in(folder: string): Journal {
    return new Journal(join(folder, "sweep.json"));
  }

  /**
   * The sweep that was begun here; undefined if there is none.
   *
   * @param identity of the one that is to go on
   * @throws SweepError if it is another, or the file is something else
   */
  async read(identity: Identity): Promise<Begun | undefined> {
    const found = await this.parse();
    if (found === undefined) return undefined;
    const { format, version, id, identity: had, trials } = Object(found) as Record<string, unknown>;
    if (format !== FORMAT || version !== VERSION || typeof id !== "string" || !Array.isArray(trials))
      throw new SweepError(`${shownPath(this.path)} is not the journal of a sweep: name another folder`);
    for (const [name, value] of Object.entries(identity)) {
      const before = (Object(had) as Identity)[name] ?? null;
      if (toJson(value) !== toJson(before))
        throw new SweepError(
          `${shownPath(this.path)} has a sweep with ${name === "data" ? "other data" : `another ${name}`}: ` +
            `${shown(before)} rather than ${shown(value)}. Name another folder, or go on with the same command`,
        );
    }
    return { id, results: trials.map((trial, i) => this.checked(Object(trial).results, i + 1)) };
  }

  private checked(results: unknown, trial: number): Result[] {
    const all = Array.isArray(results) ? results.map(checkedResult) : [undefined];
    if (all.includes(undefined))
      throw new SweepError(`${shownPath(this.path)} is damaged: trial ${trial} has something that is no result`);
    return all as Result[];
  }

  private async parse(): Promise<unknown> {
    let bytes: Uint8Array;
    try {
      bytes = await readBytes(this.path, { most: LARGEST, streams: false });
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      if (code === "ENOENT") return undefined;
      throw error;
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return parseJson(text, text.length);
    } catch (cause) {
      throw new SweepError(`${shownPath(this.path)} is damaged: it is not JSON`, { cause });
    }
  }

  /** @throws WriteError, with the old file unchanged */
  async write(identity: Identity, { id, results }: Begun, values: readonly Values[]): Promise<void> {
    const trials = values.map((values, i) => ({ trial: i + 1, values, results: results[i] ?? [] }));
    const lines = trials.map((trial) => toJson(trial)).join(",\n");
    const head = toJson({ format: FORMAT, version: VERSION, id, identity }).slice(0, -1);
    await writeWhole(this.path, `${head},"trials":[\n${lines}\n]}\n`);
  }
}
