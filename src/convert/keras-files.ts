import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import { type Hdf5, openHdf5 } from "./hdf5.js";
import { parseFile } from "./json.js";
import { type KerasWeight, type KerasWeights, type LayerConfig, readChain, readLayers } from "./keras.js";
import { readKerasModel } from "./keras-model.js";
import { ALONE, compareNumbered } from "./names.js";
import { Room } from "./room.js";
import { KERAS_WEIGHTS, unzip } from "./zip.js";

/** Most bytes of a model's configuration. */
const MOST_CONFIG = 2 ** 26;

type OnNote = (note: string) => void;

/**
 * The network in a `.keras` file: a ZIP archive of the configuration and the weights.
 *
 * @throws ConversionError, MissingPackageError
 */
export async function readKerasArchive(
  bytes: Uint8Array,
  layers: string | undefined,
  onNote: OnNote,
): Promise<Description> {
  const [config, weights] = ["config.json", KERAS_WEIGHTS];
  const room = new Room(bytes.length);
  const files = await unzip(
    bytes,
    ({ name, size }) => {
      if (name === config && size > MOST_CONFIG)
        throw new ConversionError(name, `at most ${MOST_CONFIG} bytes, got ${size}`);
      return name === config || name === weights;
    },
    room,
  );
  for (const name of [config, weights])
    if (!files.has(name)) throw new ConversionError(name, "it is not in the archive");
  const model = parseFile(config, files.get(config)!);
  const store = storeOf(await openHdf5(files.get(weights)!, room));
  return readKerasModel(model, store.weights, layers, onNote);
}

/**
 * The network in an HDF5 file of Keras: a whole model, or weights alone, whose layers are known by their shapes.
 *
 * @throws ConversionError, MissingPackageError
 */
export async function readKerasHdf5(
  bytes: Uint8Array,
  layers: string | undefined,
  onNote: OnNote,
): Promise<Description> {
  const file = await openHdf5(bytes);
  const config = file.attribute("", "model_config");
  const store = storeOf(file);
  if (typeof config === "string")
    return readKerasModel(parseFile("model_config", new TextEncoder().encode(config)), store.weights, layers, onNote);
  const found = store.names.map((name) => guess(name, store.weights(name)));
  if (layers !== undefined) return readLayers(found, layers, store.weights);
  onNote(
    "the file has weights alone: its LSTMs are taken for ones with the usual activations and an output at every step",
  );
  return readChain(inOrder(found, store.isOrdered), store.weights, onNote);
}

const LSTM = {
  class_name: "LSTM",
  config: { activation: "tanh", recurrent_activation: "sigmoid", return_sequences: true },
};

/** What a layer is, by its weights alone. */
function guess(name: string, weights: readonly KerasWeight[]): LayerConfig {
  const parts = weights.flatMap(({ path }) => path.split("/"));
  const isRecurrent = parts.some((part) => part === "cell" || part.startsWith("recurrent_kernel"));
  if (isRecurrent && parts.some((part) => part.startsWith("forward")))
    return { name, type: "Bidirectional", settings: { merge_mode: "concat", layer: LSTM } };
  if (isRecurrent) return { name, type: LSTM.class_name, settings: LSTM.config };
  const [first, ...more] = weights;
  const isTable = first?.shape.length === 2 && more.length === 0 && !/kernel/.test(first.path);
  if (isTable) return { name, type: "Embedding", settings: {} };
  const isDense = first?.shape.length === 2 && more.every(({ shape }) => shape.length === 1) && more.length <= 1;
  return { name, type: isDense ? "Dense" : "unknown", settings: {} };
}

/**
 * Layers in the order of a chain: as the file has them or, where it does not say, by kind.
 *
 * @throws ConversionError where that does not settle it
 */
function inOrder(layers: readonly LayerConfig[], isOrdered: boolean): readonly LayerConfig[] {
  if (isOrdered) return layers;
  const kinds = ["Embedding", "Bidirectional", "LSTM", "Dense", "unknown"];
  const ordered = [...layers].sort((a, b) => kinds.indexOf(a.type) - kinds.indexOf(b.type));
  const recurrent = new Set(ordered.map(({ type }) => type).filter((type) => /LSTM|Bidirectional/.test(type)));
  if (recurrent.size > 1)
    throw new ConversionError(
      "the file",
      `weights without a configuration do not tell the order of its LSTMs; ${ALONE}`,
    );
  return ordered;
}

/** The weights in an HDF5 file by layer, and the layers in their order, as far as the file tells it. */
interface Store {
  /** Whether the file has said it. */
  readonly isOrdered: boolean;
  readonly names: readonly string[];
  readonly weights: KerasWeights;
}

/**
 * `layers/CLASS_1/vars/0` of Keras 3, where an attribute of `vars` is the layer's name; `model_weights/NAME/…/kernel` of whole
 * models and `NAME/…/kernel:0` of weights alone before.
 */
function storeOf({ arrays, attribute }: Hdf5): Store {
  const paths = [...arrays.keys()];
  const root = ["layers/", "model_weights/"].find((start) => paths.some((path) => path.startsWith(start))) ?? "";
  const layers = new Map<string, KerasWeight[]>();
  for (const [path, array] of arrays) {
    const [, group, inner] = /^([^/]+)\/(.+)$/s.exec(path.startsWith(root) ? path.slice(root.length) : "") ?? [];
    if (group === undefined || inner === undefined) continue;
    const weight = { path: inner, shape: array.shape, values: array.values };
    const known = layers.get(group);
    if (known) known.push(weight);
    else layers.set(group, [weight]);
  }
  const nameOf = (group: string): string => {
    const name = root === "layers/" ? attribute(`layers/${group}/vars`, "name") : group;
    return typeof name === "string" ? name : group;
  };
  const listed = attribute(root.slice(0, -1), "layer_names");
  const order = Array.isArray(listed) ? listed.map(String) : [];
  const place = (group: string) => order.indexOf(group) + 1 || Number.POSITIVE_INFINITY;
  const groups = [...layers.keys()].sort((a, b) => place(a) - place(b) || compareNumbered(a, b));
  const named = new Map(groups.map((group) => [nameOf(group), layers.get(group)!]));
  return { isOrdered: order.length > 0, names: [...named.keys()], weights: (name) => named.get(name) ?? [] };
}
