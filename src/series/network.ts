import { OptionError } from "../common/errors.js";
import { predictBatch } from "../inference/predict.js";
import { createModel, type Model } from "../model/model.js";
import type { ModelOptions } from "../model/options.js";
import { type Encoding, type Layout, widthOf } from "./encoder.js";
import { FORECASTER_RECIPE } from "./recipe.js";

/** Options of a forecaster's network: those of a model, except what the series determine. */
export type NetworkOptions = Omit<
  ModelOptions,
  "inputSize" | "outputSize" | "classes" | "returnSequences" | "window" | "embeddingSize" | "head" | "quantiles"
>;

/** A network begins so close to an output of 0, which stands for the naive forecast. */
const INITIAL_OUTPUT = 0.1;

/** The median, which is the forecast itself. */
const MEDIAN = 0.5;

/** The quantiles that a network puts out for each row, ascending; the forecast alone, unless its loss is pinball. */
export function levelsOf(quantiles: readonly number[], { loss }: NetworkOptions): readonly number[] {
  if (loss !== "pinball") return [MEDIAN];
  if (quantiles.length === 0) throw new OptionError("loss", "mse or huber without `quantiles`", loss);
  return [...new Set([...quantiles, MEDIAN])].sort((a, b) => a - b);
}

/**
 * What a network's inputs and outputs look like. What is known of a row to come is read at that row's step, which then has
 * that row's outputs; otherwise all rows come out of the last step.
 */
export const shapeOf = (layout: Layout, { horizon }: Pick<Encoding, "horizon">) => {
  const returnSequences = layout.knownFuture > 0;
  return {
    inputSize: widthOf(layout),
    outputSize: (returnSequences ? 1 : horizon) * layout.outputs,
    returnSequences,
  } as const;
};

/** A new network for series with such inputs. */
export async function createNetwork(
  encoding: Encoding,
  layout: Layout,
  levels: readonly number[],
  options: NetworkOptions,
): Promise<Model<"vectors">> {
  const { loss = FORECASTER_RECIPE.model.loss, ...others } = options;
  if (loss !== "mse" && loss !== "huber" && loss !== "pinball")
    throw new OptionError("loss", "mse, huber or pinball", loss);
  const { hiddenSize, huberDelta } = FORECASTER_RECIPE.model;
  const ofLoss = { mse: {}, huber: { huberDelta }, pinball: { quantiles: levels } }[loss];
  const model = await createModel({ hiddenSize, loss, ...ofLoss, ...others, ...shapeOf(layout, encoding) });
  const scaled = (name: string, factor: number) =>
    model.setTensor(
      name,
      model.tensor(name).map((weight) => weight * factor),
    );
  scaled("linear.weight", INITIAL_OUTPUT);
  scaled("linear.bias", 0);
  return model;
}

/** What a network puts out for the rows to forecast: of each sequence, [levels][horizon]. */
export type Outputs = readonly (readonly Float32Array[])[];

/**
 * Runs a network on what encoders read. Quantiles are sorted within each row: then they never cross, and their pinball loss
 * does not grow (Chernozhukov, Fernández-Val and Galichon, Quantile and Probability Curves Without Crossing, 2010).
 */
export async function outputsOf(model: Model, inputs: readonly Float32Array[], horizon: number): Promise<Outputs> {
  const levels = Math.max(1, model.config.quantiles.length);
  return (await predictBatch(model, inputs)).map((all) => {
    // Steps before the rows to forecast have outputs as well, of which nothing is known.
    const rows = all.subarray(all.length - horizon * levels);
    if (levels === 1) return [rows];
    for (let row = 0; row < horizon; row++) rows.subarray(row * levels, (row + 1) * levels).sort();
    return Array.from({ length: levels }, (_, q) =>
      Float32Array.from({ length: horizon }, (_, i) => rows[i * levels + q]!),
    );
  });
}

/** Which output a quantile is made of: its own, or the forecast itself. */
export const outputFor = (quantile: number, levels: readonly number[]): number =>
  levels.includes(quantile) ? levels.indexOf(quantile) : medianOf(levels);

/** The index of the forecast itself among a network's outputs for a row. */
export const medianOf = (levels: readonly number[]): number => Math.max(0, levels.indexOf(MEDIAN));
