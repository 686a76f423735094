import { ARRAYS } from "../checkpoint/safetensors/dtypes.js";
import { toFloat32 } from "../checkpoint/safetensors/half.js";
import type { DType, TensorData } from "../checkpoint/safetensors/safetensors.js";
import { sizeOf } from "../network/tensors.js";
import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import {
  PickleDict,
  PickleGlobal,
  type PickleHost,
  PickleList,
  PickleTuple,
  type PickleValue,
  readPickle,
} from "./pickle.js";
import { isLstmTensor, type NamedTensors, readStateDict } from "./state-dict.js";
import { unzip } from "./zip.js";

// torch.save writes a ZIP archive: NAME/data.pkl, a pickle in which each tensor is a view of a storage, and NAME/data/KEY, the
// storages' bytes.

/** Most bytes of the pickle, which has some two hundred for each tensor. */
const MOST_PICKLE = 2 ** 26;
/** How deep a state_dict may lie in what was saved: { "model": { "state_dict": … } }. */
const DEEPEST = 4;

const STORAGES: Readonly<Record<string, DType>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

class Storage {
  constructor(
    readonly key: string,
    readonly dtype: DType,
  ) {}
}

class Tensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly stride: readonly number[],
  ) {}
}

/**
 * The network in a file of torch.save: a state_dict, or one among other things.
 *
 * @param layers as of {@link readStateDict}
 * @throws ConversionError for a file that has none, or more than one
 * @throws MissingPackageError without fflate
 */
export async function readPyTorch(bytes: Uint8Array, layers?: string): Promise<Description> {
  const files = await unzip(bytes, ({ name, size }) => {
    if (/^[^/]+\/data\.pkl$/.test(name) && size > MOST_PICKLE)
      throw new ConversionError(name, `at most ${MOST_PICKLE} bytes, got ${size}`);
    return /^[^/]+\/(data\.pkl|byteorder|data\/[^/]+)$/.test(name);
  });
  const pickle = [...files.keys()].find((name) => name.endsWith("/data.pkl"));
  if (pickle === undefined) throw new ConversionError("the archive", "no data.pkl, as torch.save writes");
  const folder = pickle.slice(0, -"data.pkl".length);
  const order = files.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(new Uint8Array(order)) !== "little")
    throw new ConversionError(`${folder}byteorder`, "numbers of another byte order than little-endian");
  const dict = findStateDict(readPickle(files.get(pickle)!, HOST));
  return readStateDict(tensorsOf(dict, files, folder), layers);
}

const HOST: PickleHost = {
  globals: new Map([
    ["collections.OrderedDict", () => new PickleDict()],
    ["torch._utils._rebuild_tensor_v2", rebuildTensor],
    ["torch._utils._rebuild_parameter", ([data]) => data ?? null],
    ...Object.keys(STORAGES).map((name) => [name, undefined] as const),
  ] as [string, ((args: readonly PickleValue[]) => PickleValue) | undefined][]),

  /** ("storage", class, key, device, number of elements) */
  persistent(id) {
    const [kind, type, key] = id instanceof PickleTuple ? id.items : [];
    const dtype = type instanceof PickleGlobal ? STORAGES[type.name] : undefined;
    if (kind !== "storage" || !dtype || typeof key !== "string")
      throw new ConversionError("the pickle", "a persistent id that is not of a tensor's storage");
    return new Storage(key, dtype);
  },
};

/** (storage, offset, shape, stride, requires_grad, backward_hooks) */
function rebuildTensor([storage, offset, shape, stride]: readonly PickleValue[]): Tensor {
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  const counts = (value: unknown): readonly number[] | undefined =>
    value instanceof PickleTuple && value.items.every(isCount) ? (value.items as number[]) : undefined;
  const [sizes, strides] = [counts(shape), counts(stride)];
  if (!(storage instanceof Storage) || !isCount(offset) || !sizes || !strides || sizes.length !== strides.length)
    throw new ConversionError("the pickle", "a tensor without storage, offset, shape and stride");
  return new Tensor(storage, offset, sizes, strides);
}

/** The dict that has the tensors of an LSTM: what was saved, or a part of it. */
function findStateDict(saved: PickleValue): PickleDict {
  const found: { readonly path: string; readonly dict: PickleDict }[] = [];
  const seen = new Set<PickleValue>();
  const look = (value: PickleValue, path: string, depth: number): void => {
    if (!(value instanceof PickleDict) || depth > DEEPEST || seen.has(value)) return;
    seen.add(value);
    if ([...value.entries].some(([name, tensor]) => tensor instanceof Tensor && isLstmTensor(name)))
      found.push({ path, dict: value });
    else for (const [key, inner] of value.entries) look(inner, `${path}[${JSON.stringify(key)}]`, depth + 1);
  };
  look(saved, "", 0);
  const [first, second] = found;
  if (second)
    throw new ConversionError(
      "the pickle",
      `state_dicts of LSTMs at ${found.map(({ path }) => path).join(" and ")}: save the one that is meant alone`,
    );
  if (first) return first.dict;
  if (saved instanceof PickleDict && [...saved.entries.values()].some((value) => value instanceof Tensor)) return saved;
  const kind = saved instanceof PickleList ? "a list" : saved instanceof Tensor ? "a tensor" : "something else";
  throw new ConversionError(
    "the pickle",
    `expected a state_dict, got ${saved instanceof PickleDict ? "no tensor of an LSTM" : kind}`,
  );
}

function tensorsOf(dict: PickleDict, files: ReadonlyMap<string, Uint8Array>, folder: string): NamedTensors {
  const tensors = new Map([...dict.entries].filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor));
  return {
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    values: (name) => {
      const tensor = tensors.get(name)!;
      const bytes = files.get(`${folder}data/${tensor.storage.key}`);
      if (!bytes) throw new ConversionError(name, `its storage, data/${tensor.storage.key}, is not in the archive`);
      return toFloat32(elements(name, tensor, bytes), name);
    },
  };
}

/** A tensor's elements in the order of its shape. */
function elements(name: string, { storage, offset, shape, stride }: Tensor, bytes: Uint8Array): TensorData {
  const { dtype } = storage;
  const Elements = ARRAYS[dtype];
  const count = Math.floor(bytes.length / Elements.BYTES_PER_ELEMENT);
  const size = sizeOf(shape);
  const last = offset + shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, 0);
  // Not more elements than the storage has: a stride of 0 could repeat one any number of times.
  if (size > 0 && !(size <= count && last < count))
    throw new ConversionError(name, `its storage has ${count} numbers, too few for shape [${shape.join(", ")}]`);
  const all = new Elements(bytes.slice().buffer, 0, count);
  const isContiguous = shape.every((length, axis) => length === 1 || stride[axis] === sizeOf(shape.slice(axis + 1)));
  if (isContiguous) return { dtype, shape, data: all.subarray(offset, offset + size) } as TensorData;
  const data = new Elements(size);
  const index = shape.map(() => 0);
  for (let i = 0, from = offset; i < size; i++) {
    data[i] = all[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { dtype, shape, data } as TensorData;
}
