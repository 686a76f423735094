import { LstmError } from "../common/errors.js";
import { quote } from "../common/show.js";

/** Longest key that is shown without quotes, in UTF-16 units. */
const PLAIN = 60;

/** A checkpoint is invalid, or a model cannot be saved as a valid one. */
export class CheckpointError extends LstmError {
  override readonly name = "CheckpointError";
  /** The place in the file, such as `header["lstm.weight_hh_l0"].shape[1]`. */
  readonly where: string;

  /**
   * @param path a part of the file, then the keys and indices of the place within it
   * @param expected what should be there
   * @param received what is there
   */
  constructor(path: readonly (string | number)[], expected: string, received: string | number | undefined) {
    const where = location(path);
    super(`${where}: expected ${expected}, got ${received}`);
    this.where = where;
  }
}

function location([part, ...keys]: readonly (string | number)[]): string {
  let where = String(part);
  for (const key of keys) {
    if (typeof key === "number") where += `[${key}]`;
    else where += key.length <= PLAIN && /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${quote(key)}]`;
  }
  return where;
}
