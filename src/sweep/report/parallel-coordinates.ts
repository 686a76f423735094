import { naturalLogarithm } from "../../common/exact-math.js";
import type { TrialStatus } from "../events.js";
import type { Dimension, Value } from "../space.js";
import { axis, colorOf, heightOf, line, MARGIN, picture, point, shareOf, text, WIDTH } from "./drawing.js";
import { describeValues } from "./words.js";

/** An axis: where each trial is on it, from 0 to 1, and what is written at its marks. */
interface Axis {
  readonly name: string;
  /** Undefined for a trial without a value. */
  readonly place: (status: TrialStatus) => number | undefined;
  readonly marks: readonly { readonly share: number; readonly label: string }[];
}

/**
 * A line for each trial through its value of each option and what it was measured by (Inselberg 1985).
 *
 * @param trials with results, the best first
 */
export function parallelCoordinates(
  space: readonly Dimension[],
  metric: string,
  trials: readonly TrialStatus[],
): string {
  if (trials.length === 0) return "<p>None yet.</p>";
  const measures = trials.map(({ metric }) => metric!);
  const axes: Axis[] = [
    ...space.map((dimension) => axisOf(dimension, trials)),
    numberAxis(metric, measures, false, ({ metric }) => metric),
  ];
  const x = (i: number) => MARGIN.left + (i * (WIDTH - MARGIN.left - MARGIN.right)) / (axes.length - 1);
  const drawn = axes.flatMap(({ name, marks }, i) => [
    axis(x(i)),
    text(x(i), MARGIN.top - 18, name, "middle"),
    ...marks.map(({ share, label }) => text(x(i) + 6, heightOf(share) + 4, label)),
  ]);
  const lines = trials.map((status, rank) => {
    // An option without effect has no value: the line passes its axis by.
    const points = axes.flatMap(({ place }, i) => {
      const share = place(status);
      return share === undefined ? [] : [point(x(i), heightOf(share))];
    });
    const title = `trial ${status.trial}: ${describeValues(status)}, ${metric} ${status.metric}`;
    return line(points, colorOf(rank, trials.length), rank === 0 ? 3 : 1.5, title);
  });
  return picture([...lines.reverse(), ...drawn], `Options and ${metric}`);
}

function axisOf({ name, option, choice }: Dimension, trials: readonly TrialStatus[]): Axis {
  const of = ({ values }: TrialStatus): Value | undefined => values[option];
  if ("from" in choice) {
    const { from, to, isLogarithmic } = choice;
    return numberAxis(name, [from, to], isLogarithmic, (status) => of(status) as number | undefined);
  }
  const names = choice.length > 0 ? choice : trials.map(of);
  const share = (value: Value | undefined) => shareOf(names.indexOf(value!), 0, names.length - 1);
  return {
    name,
    place: (status) => (of(status) === undefined ? undefined : share(of(status))),
    marks: names.map((value) => ({ share: share(value), label: String(value) })),
  };
}

function numberAxis(
  name: string,
  values: readonly number[],
  isLogarithmic: boolean,
  of: (status: TrialStatus) => number | undefined,
): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scaled = isLogarithmic ? naturalLogarithm : (value: number) => value;
  return {
    name,
    place: (status) => {
      const value = of(status);
      return value === undefined ? undefined : shareOf(scaled(value), scaled(low), scaled(high));
    },
    marks:
      low === high
        ? [{ share: 0.5, label: low.toPrecision(4) }]
        : [low, high].map((value, share) => ({ share, label: String(Number(value.toPrecision(4))) })),
  };
}
