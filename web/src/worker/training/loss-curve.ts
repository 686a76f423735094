import type { Curve } from "../../common/protocol.js";

/** Epochs up to which the losses within one are shown. */
const FEW = 3;

/** A loss curve of any length in a bounded number of points: past the limit, neighbors are averaged in pairs. */
export class LossCurve {
  private points: { epoch: number; training: number; validation: number }[] = [];
  /** Epochs per point, and the losses of the point in progress. */
  private stride = 1;
  private pending: { training: number; validation: number }[] = [];
  private last = 0;
  /** How far the epoch in progress has come, while there are too few others to see. */
  private partial: { epoch: number; training: number; validation: number }[] = [];

  /** @param limit on the points, an even number */
  constructor(private readonly limit = 600) {}

  /** Appends the next epoch's losses. */
  add(epoch: number, training: number, validation = Number.NaN): void {
    this.pending.push({ training, validation });
    this.last = epoch;
    if (epoch >= FEW) this.partial = [];
    if (this.pending.length < this.stride) return;
    this.points.push(this.pendingPoint());
    this.pending = [];
    if (this.points.length >= this.limit) this.halve();
  }

  /** The mean loss of an epoch so far. Shown only early in a run: a long epoch is worth watching before it ends. */
  extend(position: number, training: number): void {
    if (position >= FEW || Number.isInteger(position)) return;
    this.partial.push({ epoch: position, training, validation: Number.NaN });
    if (this.partial.length >= this.limit) this.partial = this.partial.filter((_, i) => i % 2 === 1);
  }

  /** All points, including those in progress. */
  decimated(): Curve {
    const whole = this.pending.length > 0 ? [...this.points, this.pendingPoint()] : this.points;
    const all = [...this.partial, ...whole].sort((a, b) => a.epoch - b.epoch);
    return {
      epochs: Float64Array.from(all, ({ epoch }) => epoch),
      training: Float64Array.from(all, ({ training }) => training),
      validation: Float64Array.from(all, ({ validation }) => validation),
    };
  }

  private pendingPoint() {
    const mean = (key: "training" | "validation") =>
      this.pending.reduce((sum, losses) => sum + losses[key], 0) / this.pending.length;
    return { epoch: this.last, training: mean("training"), validation: mean("validation") };
  }

  private halve(): void {
    const { points } = this;
    this.points = Array.from({ length: points.length / 2 }, (_, i) => {
      const [a, b] = [points[2 * i]!, points[2 * i + 1]!];
      return {
        epoch: b.epoch,
        training: (a.training + b.training) / 2,
        validation: (a.validation + b.validation) / 2,
      };
    });
    this.stride *= 2;
  }
}
