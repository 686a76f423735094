import { describeCsv, readCsv } from "lstm-wasm/forecast";

/** The numeric columns of a table, or why there are none. */
export function columnsIn(text: string): { readonly names: readonly string[]; readonly problem?: string } {
  let problem: string | undefined;
  const attempt = <Result>(action: () => Result): Result | undefined => {
    try {
      return action();
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  const found = attempt(() => describeCsv(text));
  if (!found) return { names: [], problem: `The table cannot be read: ${problem}.` };
  const names = found.numeric.filter((name) => attempt(() => readCsv(text, { columns: [name] })));
  if (names.length > 0) return { names };
  const [first = ""] = found.names.filter((name) => !found.dates.includes(name));
  if (problem === undefined && first !== "") attempt(() => readCsv(text, { columns: [first] }));
  return { names: [], problem: `No column is numeric${problem === undefined ? "" : `: ${problem}`}.` };
}
