import { useEffect, useState } from "preact/hooks";
import type { Insight } from "../../common/insight.js";
import type { Phase, TextMoment } from "../../common/protocol.js";
import { Choice } from "../elements/choice.js";
import { deferred } from "../elements/deferred.js";
import { TextField } from "../elements/field.js";
import { epochs } from "../elements/format.js";
import type { Moments } from "../session/use-moments.js";
import type { SessionHandle } from "../session/use-session.js";

/** Most look at the surprises first, and nobody before there is a model. */
const Surprise = deferred(async () => (await import("./surprise.js")).Surprise);
const Neurons = deferred(async () => (await import("./neurons.js")).Neurons);

const VIEWS = { surprise: "Surprise", neurons: "Neurons" } as const;

/** A line that the soliloquy of Hamlet does not have, in its characters. */
const MACBETH =
  "tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day, to the last syllable of recorded time";

/** Milliseconds after the last key before the model reads what was typed. */
const PAUSE = 300;

/** Looks inside the model while it reads. Nothing is computed while the panel is folded up. */
export function InsidePanel({ view, send, moments }: SessionHandle & { readonly moments: Moments<TextMoment> }) {
  const [isOpen, setIsOpen] = useState(true);
  const [shownView, setShownView] = useState<keyof typeof VIEWS>("surprise");
  const [words, setWords] = useState("");
  const [cursor, setCursor] = useState<number | undefined>(undefined);
  const { phase } = view;
  const hasModel = phase !== "empty" && phase !== "preparing";
  useEffect(() => {
    const timer = setTimeout(() => send({ type: "watch", isWatching: isOpen, words }), words === "" ? 0 : PAUSE);
    return () => clearTimeout(timer);
    // A model that was opened, or has just been trained, is looked into at once.
  }, [isOpen, words, send, hasModel]);
  const moment = watched(moments);
  const insight = moment?.insight;
  const at = insight && Math.min(cursor ?? firstToLookAt(insight.tokens), insight.tokens.length - 1);
  return (
    <section class="inside" aria-labelledby="inside-title">
      <div class="heading">
        <h2 id="inside-title">Look inside</h2>
        <button type="button" class="link" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? "Fold up" : "Unfold"}
        </button>
      </div>
      {isOpen && insight && at !== undefined && (
        <>
          <div class="inside-controls">
            <Choice label="View" options={VIEWS} value={shownView} onValue={setShownView} />
            <TextField label="Let it read your own words" value={words} onValue={setWords} />
          </div>
          <p class="kicker">
            {sourceOf(insight, words, phase)}
            {moment.epoch > 0 && ` The network after ${epochs(moment.epoch)}.`}
          </p>
          {shownView === "surprise" ? (
            <Surprise
              insight={insight}
              cursor={at}
              onCursor={setCursor}
              onCells={() => setShownView("neurons")}
              onAnother={view.run?.content.preset === "hamlet" ? () => setWords(MACBETH) : undefined}
            />
          ) : (
            <Neurons insight={insight} newest={newestLike(insight, moments)} cursor={at} onCursor={setCursor} />
          )}
        </>
      )}
      {isOpen && !insight && (
        <p class="quiet">
          {hasModel
            ? "The model is about to read."
            : "Once the network learns, you see here which characters surprise it, and what each of its cells remembers."}
        </p>
      )}
    </section>
  );
}

/** The moment that is shown or, where nobody watched then, the nearest earlier or else later one. */
function watched({ all, index }: Moments<TextMoment>) {
  for (let i = index; i >= 0; i--) if (all[i]!.insight) return all[i];
  return all.find(({ insight }) => insight);
}

/** The newest insight into the same passage. */
const newestLike = (insight: Insight, { all }: Moments<TextMoment>): Insight =>
  all.findLast((one) => one.insight?.tokens.join("") === insight.tokens.join(""))?.insight ?? insight;

function sourceOf({ isHeldOut, layer, layers }: Insight, words: string, phase: Phase): string {
  const what =
    words !== ""
      ? "Your words, as far as the model knows their characters."
      : isHeldOut
        ? "From the part of the text that was held out: the model has never seen it."
        : phase === "model"
          ? "From the text that is chosen above."
          : "From the text that it learns.";
  return layers > 1 ? `${what} Layer ${layer} of ${layers}.` : what;
}

/** The first comma, where there is a lot to see; else somewhere into the passage. */
function firstToLookAt(tokens: readonly string[]): number {
  const comma = tokens.findIndex((token, i) => i > 8 && token.trim() === ",");
  return comma > 0 ? comma : Math.min(20, tokens.length - 1);
}
