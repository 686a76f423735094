import { LstmError } from "../common/errors.js";

/** Bytes that came from outside are not the file that they should be, or contents cannot be put into such a file. */
export class CheckpointError extends LstmError {
  override readonly name = "CheckpointError";
  /** The place in the file, such as `header["lstm.weight_hh_l0"].shape[1]`. */
  readonly where: string;

  /**
   * @param path a part of the file, then the keys and indices that lead to the place within it
   * @param expected what should be there
   * @param received what is there
   */
  constructor(path: readonly (string | number)[], expected: string, received: string | number) {
    const where = location(path);
    super(`${where}: expected ${expected}, got ${received}`);
    this.where = where;
  }
}

/** Text from a file as it may stand in a message: quoted, escaped and not too long. */
export function quote(text: string): string {
  return text.length <= QUOTED ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, QUOTED))}…`;
}

/** Characters of a file's text in a message: enough to know it by, and a terminal's line is not flooded. */
const QUOTED = 60;

function location([part, ...keys]: readonly (string | number)[]): string {
  let where = String(part);
  for (const key of keys) {
    if (typeof key === "number") where += `[${key}]`;
    else where += key.length <= QUOTED && /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${quote(key)}]`;
  }
  return where;
}
