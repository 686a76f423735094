import { quote } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import { isObject } from "./json.js";
import { type KerasWeights, type LayerConfig, layerConfig, readChain, readLayers } from "./keras.js";
import { ALONE } from "./names.js";

/** Most layers of a model. */
const MOST_LAYERS = 10_000;

/**
 * The network of a Keras model.
 *
 * @param model its configuration, as `model.to_json()` gives it
 * @param layers names or beginnings of LSTM layers, separated by commas, to take these alone
 * @throws ConversionError for a model that is no chain of layers as ours
 */
export function readKerasModel(
  model: unknown,
  weights: KerasWeights,
  layers: string | undefined,
  onNote: (note: string) => void,
): Description {
  const { class_name: type, config } = isObject(model) ? model : {};
  const list = isObject(config) ? config["layers"] : config;
  if (
    !["Sequential", "Functional", "Model"].includes(type as string) ||
    !Array.isArray(list) ||
    list.length > MOST_LAYERS
  )
    throw new ConversionError(
      "the model",
      `expected one of class Sequential or Functional, got ${quote(String(type))}`,
    );
  const nodes = list.map((json) => ({ config: layerConfig(json), sources: sourcesOf(json) }));
  if (layers !== undefined)
    return readLayers(
      nodes.map((node) => node.config),
      layers,
      weights,
    );
  const chain = type === "Sequential" ? nodes.map((node) => node.config) : chainOf(nodes);
  return readChain(chain, weights, onNote);
}

/** A layer, and the names of those that it reads. */
interface Node {
  readonly config: LayerConfig;
  readonly sources: readonly string[];
}

/** The layers of a functional model, one after the other. */
function chainOf(nodes: readonly Node[]): LayerConfig[] {
  const next = new Map<string | undefined, LayerConfig>();
  for (const { config, sources } of nodes) {
    const [source] = sources;
    const other = next.get(source);
    if (sources.length > 1 || other)
      throw new ConversionError(
        config.name,
        `${other ? `it reads what ${quote(other.name)} reads` : `it reads ${sources.length} others`}: no plain chain; ${ALONE}`,
      );
    next.set(source, config);
  }
  const chain: LayerConfig[] = [];
  // Each layer is the next of one other, so there is no way back into the chain.
  for (let config = next.get(undefined); config; config = next.get(config.name)) chain.push(config);
  if (chain.length < nodes.length) throw new ConversionError("the model", `its layers are no plain chain; ${ALONE}`);
  return chain;
}

/** The names of the layers that a layer reads, each once; of Keras 3 and 2. */
function sourcesOf(layer: unknown): string[] {
  const names = new Set<string>();
  // JSON is nested at most sixteen deep.
  const look = (json: unknown): void => {
    if (Array.isArray(json)) {
      const [name, node, tensor] = json;
      if (typeof name === "string" && Number.isInteger(node) && Number.isInteger(tensor)) names.add(name);
      else for (const item of json) look(item);
    } else if (isObject(json)) for (const item of Object.values(json)) look(item);
  };
  look(isObject(layer) ? layer["inbound_nodes"] : undefined);
  return [...names];
}
