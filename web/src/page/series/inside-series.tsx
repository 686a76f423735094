import { useEffect, useState } from "preact/hooks";
import { deferred } from "../elements/deferred.js";
import type { SessionHandle } from "../session/use-session.js";

/** Most do not look inside. */
const ReadWindow = deferred(async () => (await import("./read-window.js")).ReadWindow);

/** Looks inside the network while it reads the last rows of a series. Nothing is computed while the panel is folded up. */
export function InsideSeries({ view, send }: SessionHandle) {
  const [isOpen, setIsOpen] = useState(false);
  const { seriesInsight, run } = view;
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
      {isOpen && seriesInsight && <ReadWindow seriesInsight={seriesInsight} onAfter={(after) => look(true, after)} />}
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
