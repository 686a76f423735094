import type { Curve } from "../../common/protocol.js";

/** A loss curve of any length in a bounded number of points: past the limit, neighbors are averaged in pairs. */
export class LossCurve {
  private points: { epoch: number; training: number; validation: number }[] = [];
  /** Epochs per point, and the losses of the point in progress. */
  private stride = 1;
  private pending: { training: number; validation: number }[] = [];
  private last = 0;

  /** @param limit on the points, an even number */
  constructor(private readonly limit = 600) {}

  /** Appends the next epoch's losses. */
  add(epoch: number, training: number, validation = Number.NaN): void {
    this.pending.push({ training, validation });
    this.last = epoch;
    if (this.pending.length < this.stride) return;
    this.points.push(this.pendingPoint());
    this.pending = [];
    if (this.points.length >= this.limit) this.halve();
  }

  /** All points, including the one in progress. */
  decimated(): Curve {
    const all = this.pending.length > 0 ? [...this.points, this.pendingPoint()] : this.points;
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
