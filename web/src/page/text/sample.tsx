import type { TextMoment } from "../../common/protocol.js";
import { epochs } from "../elements/format.js";
import type { Moments } from "../session/use-moments.js";
import type { View } from "../session/view.js";

interface SampleViewProps {
  readonly view: View;
  readonly moments: Moments<TextMoment>;
  /** What happens when the user trains. */
  readonly promise: string;
  /** Opens the model that comes with the book, where nothing is open. */
  readonly onBook: (() => void) | undefined;
}

/** What the model generated at the moment that is shown. */
export function SampleView({ view, moments, promise, onBook }: SampleViewProps) {
  const { run } = view;
  const { shown } = moments;
  return (
    <section class="sample" aria-label="Sample from the model">
      <p class="kicker">Written by the model{shown && whenOf(shown.epoch)}</p>
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
              {promise} Its first attempts are noise.{" "}
              <span class="known">Words that are in the text stand out from the gray.</span>
            </>
          )}
        </blockquote>
      )}
      {!shown && onBook && (
        <p>
          <button type="button" class="link" onClick={onBook}>
            Or look into a network that has read Romeo and Juliet
          </button>
        </p>
      )}
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

const whenOf = (epoch: number): string => (epoch === 0 ? "" : ` after ${epochs(epoch)}`);

/** The shorter the text, the larger its type. */
function sizeOf({ length }: string): string {
  if (length > 500) return "long";
  return length < 160 ? "short" : "";
}
