import { OptionError } from "../common/errors.js";
import type { ParameterTable } from "../network/parameters.js";
import type { Tensor } from "../network/tensors.js";

/** A part of the flat buffer of all parameters, in floats. */
export interface FlatRange {
  readonly offset: number;
  readonly length: number;
}

/** @throws OptionError unless it is a list of names */
export function checkFrozen(option: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "")) return value;
  throw new OptionError(option, "a list of tensor names, or what they start with", value);
}

/** @throws OptionError for a name that no tensor has or starts with, or if nothing is left to train */
export function checkFrozenTensors({ tensors }: Pick<ParameterTable, "tensors">, frozen: readonly string[]): void {
  const other = frozen.find((name) => !tensors.some((tensor) => isFrozen(tensor.name, [name])));
  if (other !== undefined)
    throw new OptionError("frozen", `names of tensors (${tensors.map(({ name }) => name).join(", ")})`, other);
  if (tensors.every(({ name }) => isFrozen(name, frozen)))
    throw new OptionError("frozen", "at least one tensor left to train", frozen);
}

const isFrozen = (name: string, frozen: readonly string[]): boolean => frozen.some((start) => name.startsWith(start));

/** Where the parameters that are trained lie, and those that are frozen, adjacent tensors as one. */
export function partition(
  { tensors }: ParameterTable,
  frozen: readonly string[],
): Record<"trained" | "frozen", FlatRange[]> {
  return {
    trained: joined(tensors.filter(({ name }) => !isFrozen(name, frozen))),
    frozen: joined(tensors.filter(({ name }) => isFrozen(name, frozen))),
  };
}

function joined(tensors: readonly Tensor[]): FlatRange[] {
  const ranges: FlatRange[] = [];
  for (const { offset, length } of tensors) {
    const last = ranges.at(-1);
    if (last && last.offset + last.length === offset)
      ranges[ranges.length - 1] = { offset: last.offset, length: last.length + length };
    else ranges.push({ offset, length });
  }
  return ranges;
}
