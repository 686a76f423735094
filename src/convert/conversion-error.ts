import { LstmError } from "../common/errors.js";
import { isA } from "../common/realms.js";
import { quote } from "../common/show.js";

/** A file is damaged, of no known format, or has something that this library's models do not have. */
export class ConversionError extends LstmError {
  override readonly name = "ConversionError";
  /** The layer, the tensor or the place in the file. */
  readonly where: string;

  /**
   * @param where a layer, a tensor, or a place in the file
   * @param problem what is wrong with it
   */
  constructor(where: string, problem: string, options?: ErrorOptions) {
    super(`${/^[\w./:[\]-]{1,120}$/.test(where) ? where : quote(where)}: ${problem}`, options);
    this.where = where;
  }
}

/** What a library says of a file, in brackets. Where its code tripped over the file, JavaScript's words explain nothing. */
export function saidBy(error: unknown): string {
  const { name, message } = (isA(error, "Error") ? error : {}) as Partial<Error>;
  const said = name === "Error" ? message : error;
  return typeof said === "string" ? ` (${said})` : "";
}
