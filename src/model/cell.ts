import type { CellOptions, LstmCell } from "./lstm-cell.js";

/**
 * Creates a bare LSTM cell with a linear output layer.
 *
 * @throws OptionError for an invalid option value or an unknown option
 * @throws OutOfMemoryError if the parameters and their gradients do not fit into memory
 */
export async function createCell(options: CellOptions): Promise<LstmCell> {
  const { newCell } = await import("./lstm-cell.js");
  return newCell(options);
}
