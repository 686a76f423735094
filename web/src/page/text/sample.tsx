import { epochs } from "../elements/format.js";
import type { Moments } from "../session/use-moments.js";
import type { View } from "../session/view.js";
import { TimeTravel } from "./time-travel.js";

/** What the model generated at the moment that is shown. */
export function SampleView({ view, moments }: { readonly view: View; readonly moments: Moments }) {
  const { run } = view;
  const { shown } = moments;
  return (
    <section class="sample" aria-label="Sample from the model">
      <p class="kicker">{shown ? `Written by the model ${whenOf(shown.epoch)}` : "Written by the model"}</p>
      {shown ? (
        <blockquote data-testid="sample" data-epoch={shown.epoch} class={sizeOf(shown.text)} dir="auto">
          {shown.segments?.map(({ text, isKnown }, i) => (
            <span key={i} class={isKnown ? "known" : "invented"}>
              {text}
            </span>
          )) ?? shown.text}
        </blockquote>
      ) : (
        <blockquote class="waiting">
          {run?.predictor ? (
            "This model writes no text. It predicts from what you give it, below."
          ) : (
            <>
              Press Train. The first attempts are noise.{" "}
              <span class="known">Words that are in the text stand out from the gray.</span>
            </>
          )}
        </blockquote>
      )}
      <TimeTravel moments={moments} />
      {shown && (
        <button type="button" class="link" onClick={goInside}>
          See what it knows, character by character
        </button>
      )}
    </section>
  );
}

/** What goes on inside is below, mostly out of sight. */
function goInside(): void {
  document.querySelector(".inside")?.scrollIntoView();
  document.querySelector<HTMLElement>(".passage")?.focus({ preventScroll: true });
}

const whenOf = (epoch: number): string => (epoch === 0 ? "as it is" : `after ${epochs(epoch)}`);

/** The shorter the text, the larger its type. */
function sizeOf({ length }: string): string {
  if (length > 500) return "long";
  return length < 160 ? "short" : "";
}
