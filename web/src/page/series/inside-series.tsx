import { useEffect, useMemo, useState } from "preact/hooks";
import type { SeriesMoment } from "../../common/series.js";
import { deferred } from "../elements/deferred.js";
import type { SessionHandle } from "../session/use-session.js";
import { frameOfWindows } from "./frame.js";

/** Most do not look inside. */
const ReadWindow = deferred(async () => (await import("./read-window.js")).ReadWindow);

/**
 * Looks inside the network while it reads the last rows of a series. Nothing is computed while the panel is folded up.
 *
 * @param props.moment that is shown in place of the network as it is now
 */
export function InsideSeries({ view, send, moment }: SessionHandle & { readonly moment: SeriesMoment | undefined }) {
  const [isOpen, setIsOpen] = useState(false);
  const { run, seriesMoments } = view;
  const seriesInsight = moment?.seriesInsight ?? view.seriesInsight;
  const newest = (view.seriesInsight ?? seriesInsight)?.insight;
  const frame = useMemo(() => frameOfWindows(seriesMoments), [seriesMoments]);
  const look = (isOpen: boolean, after?: number) =>
    send({ type: "inspect", isOpen, ...(after === undefined ? {} : { after }) });
  useEffect(() => look(isOpen), [isOpen, send]);
  return (
    <section class="inside" aria-labelledby="inside-series-title">
      <div class="heading">
        <h2 id="inside-series-title">Look inside</h2>
        <button type="button" class="link" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? "Fold up" : "Unfold"}
        </button>
      </div>
      {isOpen && seriesInsight && newest && (
        <ReadWindow
          seriesInsight={seriesInsight}
          newest={newest}
          frame={frame}
          onAfter={(after) => look(true, after)}
        />
      )}
      {!isOpen && (
        <p class="quiet">What each of its cells holds while it reads the last rows, and the gates that decide it.</p>
      )}
      {isOpen && !seriesInsight && (
        <p class="quiet">
          {run?.series?.isNaive
            ? "The forecast is a naive one here: the network has no part in it."
            : "Once the network learns, you see here what each of its cells holds while it reads the last rows."}
        </p>
      )}
    </section>
  );
}
