import { type Kernels, padded, ROW_COLUMNS, TILE_COLUMNS } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import { Addresses } from "./memory.js";
import { layerShapes, type ParameterAddresses } from "./parameters.js";
import { type PackedLayer, packLayer } from "./recurrent-layer.js";
import { directionsOf, type NetworkShape, outputSizeOf } from "./shape.js";

/** Packed copies of a network's weights: byte addresses. */
export interface PackedAddresses {
  readonly layers: readonly PackedLayer[];
  /** 0 without a head. */
  readonly wy: number;
  /** As they are packed: TILE_COLUMNS or, for steps of single sequences, ROW_COLUMNS. */
  readonly columns: number;
}

/** Where a matrix [K, N] lies, and where its packed copy. */
interface Copy {
  readonly from: number;
  readonly to: number;
  readonly K: number;
  readonly N: number;
}

/**
 * Copies of a network's weights in the order in which products read them. Products over many steps make such a copy for each of
 * them; where a step is a product, that would take as long as every fifth of its additions.
 */
export class PackedWeights {
  /** The same places, packed either way. */
  readonly forTiles: PackedAddresses;
  readonly forRows: PackedAddresses;
  /** The address after the last. */
  readonly end: number;
  private readonly copies: Copy[] = [];

  /** Plans the copies from the address `base` on. */
  constructor(
    shape: NetworkShape,
    parameters: ParameterAddresses,
    bytes: NonNullable<ScratchBytes["packWeights"]>,
    base: number,
  ) {
    const memory = new Addresses(base);
    const place = (from: number, K: number, N: number): number => {
      const to = memory.take(bytes(K, N));
      this.copies.push({ from, to, K, N });
      return to;
    };
    const { layers, wy } = parameters;
    this.forTiles = {
      layers: layerShapes(shape).map((layerShape, i) => packLayer(layerShape, layers[i]!, place, TILE_COLUMNS)),
      wy: wy && place(wy, directionsOf(shape) * padded(shape.hiddenSize), padded(outputSizeOf(shape))),
      columns: TILE_COLUMNS,
    };
    const columns = ROW_COLUMNS;
    const rowLayers = this.forTiles.layers.map((layer) => layer.map((direction) => ({ ...direction, columns })));
    this.forRows = { ...this.forTiles, layers: rowLayers, columns };
    this.end = memory.end;
  }

  /** Makes the copies. */
  pack(kernels: Kernels, { columns }: PackedAddresses): void {
    for (const { from, to, K, N } of this.copies) kernels.packWeights(to, from, K, N, columns);
  }
}
