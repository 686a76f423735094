import type { ValidationFigures } from "../classification/classifier.js";
import { display } from "../common/show.js";
import type { Evaluation } from "../inference/evaluation-options.js";
import { count, counted, percent } from "./terminal.js";

/** How well a classifier does. */
export interface Judgement {
  /** What it was evaluated on: what it was trained on, or a part that was held out. */
  readonly on: "training" | "held-out";
  readonly evaluation: Evaluation;
  /** How another model did on a part that was held out to choose the number of epochs. */
  readonly validation?: ValidationFigures;
}

/** Its part of the last event of --json. */
export function judgementEvent({ on, evaluation, validation }: Judgement): object {
  const { accuracy, confusion, classes } = evaluation;
  return { accuracy, evaluatedOn: on, confusion, classes, validation };
}

/** Its part of the closing report. */
export function describeJudgement(names: readonly string[], { on, evaluation, validation }: Judgement): string[] {
  const { predictions, accuracy = 0, confusion } = evaluation;
  const own = `Accuracy on ${counted(predictions, on === "training" ? "sequence of training" : "sequence held out")}`;
  if (!validation) return [`${own}: ${percent(accuracy)}`, ...describeConfusion(names, confusion), ""];
  const before = `Accuracy on ${count(validation.sequences)} held-out sequences, of a model trained without them`;
  return [
    `${before}: ${percent(validation.accuracy)}`,
    ...describeConfusion(names, validation.confusion),
    "",
    `${own}: ${percent(accuracy)}`,
    "",
  ];
}

/** More classes than these make no readable table. */
const SHOWN_CLASSES = 20;
/** Characters of a class's name that are shown. */
const SHOWN_NAME = 16;

/** A confusion matrix as a table, with the recall of each class; with many classes, their figures alone. */
export function describeConfusion(
  names: readonly string[],
  confusion: readonly (readonly number[])[] | undefined,
): string[] {
  if (!confusion) return [];
  const shown = names.map((name) => display(name, SHOWN_NAME));
  const recall = (row: readonly number[], i: number) => {
    const support = row.reduce((a, b) => a + b, 0);
    return support === 0 ? "–" : percent(row[i]! / support, 1);
  };
  const precision = (_: unknown, i: number) => {
    const predicted = confusion.reduce((sum, row) => sum + row[i]!, 0);
    return predicted === 0 ? "–" : percent(confusion[i]![i]! / predicted, 1);
  };
  if (names.length > SHOWN_CLASSES)
    return table([
      ["class", "sequences", "precision", "recall"],
      ...confusion.map((row, i) => [
        shown[i]!,
        count(row.reduce((a, b) => a + b, 0)),
        precision(row, i),
        recall(row, i),
      ]),
    ]);
  return table([
    ["true \\ predicted", ...shown, "recall", "precision"],
    ...confusion.map((row, i) => [
      shown[i]!,
      ...row.map((n) => (n === 0 ? "·" : count(n))),
      recall(row, i),
      precision(row, i),
    ]),
  ]);
}

/** Rows in columns, the first flush left, the others right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  ");
  return rows.map((row) => `  ${line(row)}`.trimEnd());
}
