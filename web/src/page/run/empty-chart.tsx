import type { Curve } from "../../common/protocol.js";

export interface LossChartProps {
  readonly curve: Curve | undefined;
  /** Of the whole run. */
  readonly epochs: number;
  readonly unit: string;
  /** The epoch with the best validation loss. */
  readonly best?: number | undefined;
  /** The epoch that the user looks back at. */
  readonly at?: number | undefined;
}

/** Where the loss will be drawn once there is one. */
export function EmptyChart({ unit }: Pick<LossChartProps, "unit">) {
  return (
    <figure class="chart">
      <figcaption>
        <span>
          Loss <span class="quiet">in {unit}, by epoch</span>
        </span>
      </figcaption>
      <div class="plot empty" role="img" aria-label="Chart of the loss by epoch, empty until training starts" />
    </figure>
  );
}
