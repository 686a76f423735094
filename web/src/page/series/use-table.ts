import { OptionError } from "lstm-wasm";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { identityOf, lengthOf } from "../../common/content.js";
import type { TableChoice, TableReport } from "../../common/series.js";
import type { SessionHandle } from "../session/use-session.js";
import { choiceOf, contentOf, type SeriesForm } from "./series-form.js";

/** How the form's table is read: the worker's latest report. */
export interface TableState {
  /** It may be of the table before, while another one is read. */
  readonly table: TableReport | undefined;
  /** Whether it answers what the form says now. */
  readonly isCurrent: boolean;
  /** Whether it is to suggest what to forecast, and has not yet. */
  readonly isAwaited: boolean;
  /** The option that a field does not allow. */
  readonly problem: string | undefined;
}

/** Has the worker read the form's table whenever something changes in how. */
export function useTable(form: SeriesForm, { view, send }: SessionHandle): TableState {
  const request = useRef(0);
  const content = contentOf(form);
  const isEmpty = lengthOf(content) === 0;
  const { choice, problem } = useMemo(() => attemptChoice(form), [form]);
  const wanted = choice && JSON.stringify(choice);
  const { backends } = view;
  // In a layout effect, so that the table before never passes for this one.
  useLayoutEffect(() => {
    // A worker says on which backends it can compute when it has started.
    if (backends.length === 0 || wanted === undefined || isEmpty) return;
    request.current++;
    send({ type: "table", request: request.current, content, choice: JSON.parse(wanted) });
  }, [identityOf(content), wanted, backends, send]);
  const table = isEmpty ? undefined : view.table;
  const isCurrent = table?.request === request.current;
  const isAwaited = !isEmpty && !isCurrent && form.target === "" && problem === undefined;
  return { table, isCurrent, isAwaited, problem };
}

function attemptChoice(form: SeriesForm): { choice?: TableChoice; problem?: string } {
  try {
    return { choice: choiceOf(form) };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return { problem: error.message };
  }
}
