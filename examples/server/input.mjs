import { InputError } from "lstm-wasm";

/**
 * The input of a step as numbers: of a model that reads tokens the index of one, given as such or as its text; else a vector.
 *
 * @returns {ArrayLike<number>}
 * @throws {InputError} for anything else
 */
export function readInput(model, input) {
  const { size } = model.input;
  if (model.reads === "tokens") return [typeof input === "string" ? readToken(model, input) : checkToken(input, size)];
  if (!Array.isArray(input) || input.length !== size)
    throw new InputError(`input: expected an array of ${size} numbers, got ${described(input)}`);
  const vector = Float32Array.from(input, (value) => (typeof value === "number" ? value : Number.NaN));
  const wrong = vector.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new InputError(`input[${wrong}]: expected a finite float32, got ${described(input[wrong])}`);
  return vector;
}

function readToken(model, text) {
  const tokens = model.vocabulary?.encode(text);
  if (tokens?.length === 1) return tokens[0];
  if (!tokens) throw new InputError(`input: this model has no vocabulary: expected a number, got ${described(text)}`);
  throw new InputError(`input: expected the text of one token, got ${tokens.length} in ${described(text)}`);
}

function checkToken(input, size) {
  if (Number.isInteger(input) && input >= 0 && input < size) return input;
  throw new InputError(
    `input: expected a token: its text, or an integer from 0 to ${size - 1}, got ${described(input)}`,
  );
}

/** A value as far as it helps. */
export function described(value) {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
