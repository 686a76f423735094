import { OptionError } from "../common/errors.js";
import { createModel, type Model } from "../model/model.js";
import type { ModelOptions } from "../model/options.js";
import { type Encoding, widthOf } from "./encoder.js";
import { FORECASTER_RECIPE } from "./recipe.js";

/** Options of a forecaster's network: those of a model, except what the series determine. */
export type NetworkOptions = Omit<
  ModelOptions,
  "inputSize" | "outputSize" | "classes" | "returnSequences" | "window" | "embeddingSize" | "head"
>;

/** A network begins so close to an output of 0, which stands for the naive forecast. */
const INITIAL_OUTPUT = 0.1;

/** A new network for series with so many columns besides the target. */
export async function createNetwork(
  { horizon }: Encoding,
  columns: number,
  knownFuture: number,
  options: NetworkOptions,
): Promise<Model<"vectors">> {
  const shape = { inputSize: widthOf(columns, knownFuture), outputSize: horizon, returnSequences: false } as const;
  const { loss = FORECASTER_RECIPE.model.loss, ...others } = options;
  if (loss !== "mse" && loss !== "huber") throw new OptionError("loss", "mse or huber", loss);
  // The error at which Huber's loss becomes linear has no effect on another.
  const { huberDelta } = FORECASTER_RECIPE.model;
  const usual = {
    ...FORECASTER_RECIPE.model,
    loss,
    ...(loss === "huber" ? { huberDelta } : { huberDelta: undefined }),
  };
  const model = await createModel({ ...usual, ...others, ...shape });
  const scaled = (name: string, factor: number) =>
    model.setTensor(
      name,
      model.tensor(name).map((weight) => weight * factor),
    );
  scaled("linear.weight", INITIAL_OUTPUT);
  scaled("linear.bias", 0);
  return model;
}
