import { InputError } from "../common/errors.js";
import { show } from "../common/show.js";
import type { Choice, Trial } from "./choose.js";
import type { Encoding } from "./encoder.js";

/** An encoding in a few words, such as "12 rows of changes of log, scaled by series". */
export function describeEncoding(encoding: Encoding): string {
  const { transform, difference, scaling, window } = Object(encoding) as Encoding;
  const steps = { none: "values", first: "changes", seasonal: "changes from season to season" }[difference];
  if (steps === undefined) throw new InputError(`encoding: expected that of a forecaster, got ${show(encoding)}`);
  const of = transform === "none" ? "" : ` of ${transform}`;
  const scaled = scaling === "none" ? "not scaled" : `scaled by ${scaling === "window" ? "window" : "series"}`;
  return `${counted(window, "row")} of ${steps}${of}, ${scaled}`;
}

/** What was chosen, and why, in a sentence without its full stop. For a choice with trials. */
export function describeChoice(choice: Choice): string {
  const { encoding, epochs, isNaive, trials } = Object(choice) as Choice;
  const best = trials?.[0];
  if (!best) throw new InputError(`choice: expected that of a forecaster, with its trials, got ${show(choice)}`);
  const chosen = `Chose ${describeEncoding(encoding)}, for ${counted(epochs, "epoch")}`;
  const error = best.error.toPrecision(3);
  if (isNaive) {
    const naive = Math.min(...trials.map(({ naiveError }) => naiveError)).toPrecision(3);
    return (
      `${chosen}: no network was better on the validation part than ${naiveOf(encoding)} ` +
      `(an error of ${error}, against ${naive} mean changes). The forecast is that`
    );
  }
  const others = trials.slice(1).map((trial) => `${trial.error.toPrecision(3)} with ${describeOther(trial)}`);
  const than = others.length === 0 ? "" : `; ${others.join(", ")}`;
  const { windows, allWindows } = best;
  const few = windows < allWindows ? `, learned from ${count(windows)} of ${count(allWindows)} windows` : "";
  return `${chosen}: an error of ${error} mean changes on the validation part${few}${than}`;
}

/** What sets a trial apart from the others. */
const describeOther = ({ encoding: { transform, difference } }: Trial): string =>
  `${{ none: "values", first: "changes", seasonal: "seasonal changes" }[difference]}${transform === "none" ? "" : ` of ${transform}`}`;

/** The forecast without a network. */
const naiveOf = ({ difference }: Encoding): string =>
  ({
    none: "the mean of the last rows",
    first: "the last value",
    seasonal: "the value a season before with the latest change",
  })[difference];

const count = (number: number): string => number.toLocaleString("en-US");

const counted = (number: number, thing: string): string => `${count(number)} ${thing}${number === 1 ? "" : "s"}`;
