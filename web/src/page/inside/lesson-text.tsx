/** The characters that are read in the drawing, and what should come after each. */
const READ = ["t", "o", "␣", "b"];
const NEXT = ["o", "␣", "b", "e"];
const [STEP, FIRST] = [140, 150];

/** What an LSTM does, in words and as a drawing. */
export function LessonText() {
  return (
    <div class="lesson-text">
      <div class="prose">
        <p>
          The network reads a text one character at a time, and after each it guesses the next. What it has read before
          is not shown to it again: all that it knows of it is in its <em>cell states</em>, one number per unit, which
          it hands on from step to step. They are its memory.
        </p>
        <p>
          At each character, three gates between 0 and 1 decide for every unit what happens to that number. The{" "}
          <em>forget gate</em> f says how much of it stays, the <em>input gate</em> i how much of a new{" "}
          <em>candidate</em> g is added, and the <em>output gate</em> o how much the rest of the network gets to see:
        </p>
        <p class="formula">
          <var>c</var> ← <var>f</var> · <var>c</var> + <var>i</var> · <var>g</var>, <var>h</var> ← <var>o</var> · tanh{" "}
          <var>c</var>
        </p>
        <p>
          While f is near 1 and i near 0, a unit remembers: that a quotation mark is open, or that a line is about to
          end. Training compares each guess with the character that came. It follows the error back along the line of
          cell states, over many characters, and moves every weight a little, so that what came becomes likelier.
        </p>
        <p>
          Press Step to see one such update, or Train to see thousands. An epoch is one pass through the text, the loss
          how surprised the network was by a character, on average. Below, under Neurons, are the gates of the network
          on this page.
        </p>
      </div>
      <Drawing />
    </div>
  );
}

/** The same cell at four characters: the memory runs through, guesses come out. */
function Drawing() {
  const x = (step: number) => FIRST + step * STEP;
  return (
    <svg
      class="lesson-drawing"
      viewBox="0 0 670 250"
      role="img"
      aria-label="Drawing: the characters t, o, space and b enter the same cell one after the other. A thick line, the cell state, runs through all four; out of each comes a guess of the next character: o, space, b and e."
    >
      <path class="memory" d={`M8 110H${x(3) + 92}`} />
      <text x={8} y={96}>
        cell state c
      </text>
      {READ.map((read, step) => (
        <g key={step}>
          <rect class="cell-box" x={x(step) - 36} y={82} width={72} height={86} rx={4} />
          <path class="memory" d={`M${x(step) - 36} 110H${x(step) + 36}`} />
          <text class="middle" x={x(step)} y={138}>
            f · i · g · o
          </text>
          <path class="arrow" d={`M${x(step)} 205V172`} />
          <path class="arrow" d={`M${x(step)} 80V52`} />
          {step < 3 && <path class="arrow thin" d={`M${x(step) + 36} 150H${x(step + 1) - 40}`} />}
          <text class="middle glyph" x={x(step)} y={228}>
            {read}
          </text>
          <text class="middle glyph" x={x(step)} y={42}>
            {NEXT[step]}?
          </text>
        </g>
      ))}
      <text class="quiet" x={x(0) + 42} y={168}>
        h
      </text>
      <text class="quiet" x={8} y={246}>
        it reads
      </text>
      <text class="quiet" x={8} y={18}>
        it guesses
      </text>
    </svg>
  );
}
