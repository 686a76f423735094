import { flagName } from "../../cli/flags.js";
import type { TrialStatus } from "../events.js";

/** Such as "hidden-size 64, dropout 0.21". */
export const describeValues = ({ values }: TrialStatus): string =>
  Object.entries(values)
    .map(([option, value]) => `${flagName(option)} ${value}`)
    .join(", ");

/** A measure for people; empty without one. */
export const shown = (value: number | undefined): string => (value === undefined ? "" : value.toPrecision(5));
