// Draws docs/learning.svg, the README's moving picture: what a network generates while it learns Hamlet's soliloquy, and its
// loss. Everything in it comes from the run that this makes. usage: npm run build && node scripts/learning.mjs
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { characters, createModel, generate, train } from "../dist/index.js";
import { presets } from "../dist/presets.js";

const MOMENTS = [1, 30, 60, 100, 150, 200, 250, 300, 350, 400, 500, 1000];
/** Seconds that each is shown; the last stays longer. */
const SECONDS = 0.8;
const REST = 3;
const [COLUMNS, LINES] = [46, 8];
const [WIDTH, HEIGHT, MARGIN, TOP, ROW] = [880, 300, 24, 84, 24];
const CURVE = { left: 560, right: WIDTH - MARGIN, top: TOP - 14, bottom: HEIGHT - 56 };

const { text, model: shape, training } = presets.hamlet;
const model = await createModel({ vocabulary: characters(text), ...shape, backend: "simd", seed: 1 });
const prompt = text.slice(0, 5);
const losses = [];
const frames = [];
for await (const { epoch, trainLoss } of train(model, text, { ...training, epochs: MOMENTS.at(-1) })) {
  losses.push(trainLoss);
  if (MOMENTS.includes(epoch)) frames.push({ epoch, loss: trainLoss, written: await written() });
}

/** What the model goes on with after the first words, always with the likeliest character. */
async function written() {
  let result = "";
  for await (const piece of generate(model, { prompt, maxTokens: COLUMNS * LINES - prompt.length, greedy: true }))
    result += piece;
  return result;
}

const escaped = (raw) => raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Where the lines of a text begin: between words, where possible. */
function lineStarts(whole) {
  const starts = [0];
  while (starts.length < LINES) {
    const from = starts.at(-1);
    const space = whole.lastIndexOf(" ", from + COLUMNS);
    starts.push(space > from ? space + 1 : from + COLUMNS);
  }
  return starts;
}

/** The text in lines; what is not as in the original is set apart. */
function paragraph(continuation) {
  const whole = prompt + continuation.replaceAll("\n", " ");
  const original = text.replaceAll("\n", " ");
  const starts = lineStarts(whole);
  const lines = starts.map((from, line) => {
    const spans = [];
    for (let at = from; at < Math.min(starts[line + 1] ?? from + COLUMNS, whole.length); at++) {
      const isRight = whole[at] === original[at];
      if (spans.at(-1)?.isRight !== isRight) spans.push({ isRight, letters: "" });
      spans.at(-1).letters += whole[at];
    }
    const content = spans.map(
      ({ isRight, letters }) => `<tspan class="${isRight ? "right" : "wrong"}">${escaped(letters)}</tspan>`,
    );
    return `<text x="${MARGIN}" y="${TOP + line * ROW}" xml:space="preserve">${content.join("")}</text>`;
  });
  return lines.join("");
}

const x = (epoch) => CURVE.left + ((CURVE.right - CURVE.left) * Math.log(epoch)) / Math.log(MOMENTS.at(-1));
const [low, high] = [Math.log(Math.min(...losses)), Math.log(Math.max(...losses))];
const y = (loss) => CURVE.bottom - ((CURVE.bottom - CURVE.top) * (Math.log(loss) - low)) / (high - low);
/** Of many epochs, one per pixel. */
const shown = losses.map((loss, i) => [Math.round(x(i + 1)), y(loss)]).filter(([at], i, all) => at !== all[i - 1]?.[0]);
const line = shown.map(([at, loss]) => `${at},${loss.toFixed(1)}`).join(" ");

const total = SECONDS * frames.length + REST;
const drawn = frames.map(({ epoch, loss, written }, i) => {
  const isLast = i === frames.length - 1;
  return `<g class="frame${isLast ? " last" : ""}" style="animation-delay:${(i * SECONDS - total).toFixed(1)}s${isLast ? `;animation-name:rest` : ""}">${paragraph(written)}
<circle cx="${x(epoch).toFixed(1)}" cy="${y(loss).toFixed(1)}" r="5" class="dot"/>
<text x="${CURVE.left}" y="${HEIGHT - 22}" class="figure">epoch ${epoch.toLocaleString("en-US")}, loss ${loss.toFixed(loss < 0.1 ? 4 : 2)}</text></g>`;
});
/** A share of the time as a percentage. */
const share = (seconds) => ((100 * seconds) / total).toFixed(3);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">A network of 25 units learns Hamlet's soliloquy by heart: what it generates after 1 to 1,000 epochs, and its falling loss</title>
<style>
svg { background: #fbfaf6; color: #1c1b18; font: 17px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace }
text { fill: currentColor } .wrong { fill: #b3361e } .quiet, .figure { font: 14px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #68645b }
.figure { font-size: 16px; fill: currentColor } .curve { fill: none; stroke: #b3361e; stroke-width: 2 } .dot { fill: #b3361e }
.frame { opacity: 0; animation: show ${total}s step-end infinite }
@keyframes show { 0% { opacity: 1 } ${share(SECONDS)}% { opacity: 0 } }
@keyframes rest { 0% { opacity: 1 } ${share(SECONDS + REST)}% { opacity: 0 } }
@media (prefers-color-scheme: dark) { svg { background: #171613; color: #f0ede4 } .wrong { fill: #f08a6c } .quiet { fill: #a8a397 } .curve { stroke: #f08a6c } .dot { fill: #f08a6c } }
@media (prefers-reduced-motion: reduce) { .frame { animation: none } .last { opacity: 1 } }
</style>
<text x="${MARGIN}" y="36" class="quiet">Generated after “${escaped(prompt)}”; what differs from Shakespeare is in red</text>
<text x="${CURVE.left}" y="36" class="quiet">Loss, both axes logarithmic</text>
<polyline points="${line}" class="curve"/>
${drawn.join("\n")}
</svg>
`;
writeFileSync(fileURLToPath(new URL("../docs/learning.svg", import.meta.url)), svg);
