import { useEffect, useRef, useState } from "preact/hooks";
import type { Command } from "../../common/protocol.js";
import type { View } from "../session/view.js";

/** Powers of ten of the learning rate, and steps of each. */
const [LOWEST, HIGHEST, STEPS] = [-5, 0, 20];
/** Of samples during training, unless the user chooses another one. */
const TEMPERATURE = 0.6;
/** Milliseconds after the last movement before the run takes a new rate over. */
const PAUSE = 150;

/** Two digits: more would not be felt. */
const rateAt = (position: number): number => Number((10 ** position).toPrecision(2));

/** What can be changed while a run is under way, to see what it does. */
export function LiveControls(props: {
  readonly view: View;
  readonly send: (command: Command) => void;
  readonly onLearningRate: (rate: number) => void;
}) {
  const { view, send, onLearningRate } = props;
  const writes = view.run?.kind === "text" && !view.run.predictor;
  const rate = view.run?.training?.learningRate ?? 1e-3;
  const [position, setPosition] = useState(Math.log10(rate));
  const [temperature, setTemperature] = useState(TEMPERATURE);
  /** The last rate that was sent, until the run reports that it has taken it over; by then the user may be further. */
  const sent = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (sent.current === undefined) setPosition(Math.log10(rate));
    if (sent.current === rate) sent.current = undefined;
  }, [rate]);
  useEffect(() => {
    // A run that pauses first has taken nothing over.
    if (view.phase !== "training") sent.current = undefined;
  }, [view.phase]);
  const chosen = rateAt(position);
  useEffect(() => {
    if (chosen === rateAt(Math.log10(sent.current ?? rate))) return undefined;
    const timer = setTimeout(() => {
      onLearningRate(chosen);
      if (view.phase !== "training") return;
      sent.current = chosen;
      send({ type: "adjust", learningRate: chosen });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [chosen]);
  return (
    <fieldset class="live">
      <legend>While it learns</legend>
      <label>
        <span>
          Learning rate <span class="value">{chosen}</span>
        </span>
        <input
          type="range"
          min={LOWEST}
          max={HIGHEST}
          step={1 / STEPS}
          value={position}
          aria-valuetext={String(chosen)}
          onInput={({ currentTarget }) => setPosition(Number(currentTarget.value))}
        />
      </label>
      {writes && (
        <label>
          <span>
            Temperature of what it writes <span class="value">{temperature.toFixed(1)}</span>
          </span>
          <input
            type="range"
            min={0.1}
            max={1.5}
            step={0.1}
            value={temperature}
            onInput={({ currentTarget }) => {
              setTemperature(Number(currentTarget.value));
              send({ type: "adjust", temperature: Number(currentTarget.value) });
            }}
          />
        </label>
      )}
    </fieldset>
  );
}
