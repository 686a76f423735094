import { settle } from "../common/options.js";
import { fingerprint } from "../data/fingerprint.js";
import { type Data, encodeData, isText, predictionBatches, readingBatches } from "../model/dataset.js";
import { checkModel, type InputKind, type Model } from "../model/model.js";
import {
  EVALUATE_OPTIONS,
  type EvaluateOptions,
  type Evaluation,
  NEXT_TOKENS_OPTIONS,
  type NextTokenPredictions,
  type PredictNextTokensOptions,
} from "./evaluation-options.js";
import { partCount } from "./part-count.js";
import { groupOf } from "./process-group.js";

/**
 * Evaluates the model's predictions of each next token of a text, read as one sequence from a zero state, or of the
 * targets of examples.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for too little data, or examples that do not fit the model
 * @throws LstmError if the model's weights are so large that its outputs overflow
 * @throws RankError if another process of `processGroup` fails or differs
 */
export async function evaluate<Reads extends InputKind>(
  model: Model<Reads>,
  data: Data<Reads>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const group = groupOf(options);
  const prepare = async () => {
    checkModel(model);
    const settled = settle(EVALUATE_OPTIONS, options);
    // The data are copied before anything is awaited.
    const batches = readingBatches(model, data);
    const print = group ? fingerprint(encodeData(model, data)) : "";
    const [{ evaluationOf }, ready] = await Promise.all([import("./evaluation.js"), batches]);
    return evaluationOf(model, ready, isText(data), settled, group, print);
  };
  if (group) {
    const { DOUBLES, inParts } = await import("./parts.js");
    return inParts(group, DOUBLES, prepare);
  }
  const { compute, combine } = await prepare();
  return combine([await compute()]);
}

/**
 * Predicts each next token of a text from the true tokens before it: the most probable one, and one sampled from the
 * softmax. A model with a window sees only its window; any other starts from a zero state.
 *
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for a text too short for one prediction in every stream
 * @throws OptionError for an invalid option value
 * @throws RankError if another process of `processGroup` fails or differs
 */
export async function predictNextTokens(
  model: Model,
  text: string | Int32Array,
  options: PredictNextTokensOptions = {},
): Promise<NextTokenPredictions> {
  const group = groupOf(options);
  const prepare = async () => {
    checkModel(model);
    const settled = settle(NEXT_TOKENS_OPTIONS, options);
    const { batchSize } = settled;
    const batches = predictionBatches(model, text, batchSize, Math.ceil(batchSize / partCount(batchSize)));
    const print = group ? fingerprint(encodeData(model, text) as Int32Array) : "";
    const [{ nextTokensOf }, ready] = await Promise.all([import("./evaluation.js"), batches]);
    return nextTokensOf(model, ready, settled, group, print);
  };
  if (group) {
    const { INTEGERS, inParts } = await import("./parts.js");
    return inParts(group, INTEGERS, prepare);
  }
  const { compute, combine } = await prepare();
  return combine([await compute()]);
}
