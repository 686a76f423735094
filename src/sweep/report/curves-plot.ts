import type { TrialStatus } from "../events.js";
import type { Result } from "../job.js";
import { axis, colorOf, HEIGHT, heightOf, line, MARGIN, picture, point, shareOf, text, WIDTH } from "./drawing.js";
import { describeValues } from "./words.js";

/** The share of losses that a picture leaves room for: the first ones of a bad trial would flatten all others. */
const SHOWN = 0.95;

/**
 * The loss of each trial by epoch: on validation data, or without them on the training data.
 *
 * @param trials with results, the best first
 */
export function curvesPlot(trials: readonly TrialStatus[], results: readonly (readonly Result[])[]): string {
  const curves = trials.flatMap((status, rank) => {
    const found = results[status.trial - 1]!.findLast(({ curves }) => curves !== undefined)?.curves;
    if (!found) return [];
    const { epochs, train, validation } = found;
    return [{ status, rank, epochs, losses: validation.length > 0 ? validation : train }];
  });
  const losses = curves.flatMap(({ losses }) => losses).sort((a, b) => a - b);
  if (losses.length === 0) return "<p>None yet.</p>";
  const [low, high] = [losses[0]!, losses[Math.ceil(SHOWN * (losses.length - 1))]!];
  const last = Math.max(...curves.map(({ epochs }) => epochs.at(-1)!));
  const x = (epoch: number) => MARGIN.left + shareOf(epoch, 1, last) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (loss: number) => heightOf(Math.min(1, shareOf(loss, low, high)));
  const lines = curves.map(({ status, rank, epochs, losses }) =>
    line(
      losses.map((loss, i) => point(x(epochs[i]!), y(loss))),
      colorOf(rank, trials.length),
      rank === 0 ? 3 : 1.5,
      `trial ${status.trial}: ${describeValues(status)}`,
    ),
  );
  const labels = [
    text(MARGIN.left - 8, heightOf(1) + 4, high.toPrecision(4), "end"),
    text(MARGIN.left - 8, heightOf(0) + 4, low.toPrecision(4), "end"),
    text(MARGIN.left, HEIGHT - 16, "epoch 1"),
    text(WIDTH - MARGIN.right, HEIGHT - 16, `epoch ${last}`, "end"),
  ];
  // The best one on top.
  return picture([axis(MARGIN.left), ...labels, ...lines.reverse()], "Losses by epoch");
}
