import { OptionError } from "../common/errors.js";
import { type ClassWeights, MAX_WEIGHT } from "../data/examples.js";
import type { Model } from "../model/model.js";

type Given = ClassWeights | Readonly<Record<string, number>>;

/** @throws OptionError unless it is a list or an object of weights, at least one of them above 0 */
export function checkClassWeights(option: string, value: unknown): Given {
  const weights = typeof value === "object" && value !== null ? Object.values(value) : undefined;
  const isWeight = (weight: unknown) => typeof weight === "number" && weight >= 0 && weight <= MAX_WEIGHT;
  if (weights?.every(isWeight) && (weights.length === 0 || weights.some((weight) => weight > 0))) return value as Given;
  throw new OptionError(option, `numbers from 0 to ${MAX_WEIGHT}, not all 0, in a list or by name`, value);
}

/**
 * The weights of a model's classes as a list, which is empty if all are 1.
 *
 * @throws OptionError for a class that the model does not have, or a list of another length
 */
export function settleClassWeights({ output, config }: Model, given: Given): ClassWeights {
  const { classes } = config;
  const size = Object.keys(given).length;
  if (size > 0 && output.kind !== "categorical")
    throw new OptionError("classWeights", "no value for a model without classes", given);
  if (Array.isArray(given)) {
    if (size > 0 && size !== output.size)
      throw new OptionError("classWeights", `${output.size} numbers, one per class`, `${size} numbers`);
    return given;
  }
  const other = Object.keys(given).find((name) => !classes.includes(name));
  if (other !== undefined) {
    const names = classes.length > 0 ? classes.join(", ") : "none, since the model's classes have no names";
    throw new OptionError("classWeights", `names of classes (${names})`, other);
  }
  return size === 0 ? [] : classes.map((name) => (given as Record<string, number>)[name] ?? 1);
}
