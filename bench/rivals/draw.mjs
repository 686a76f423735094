/** The index of a probability, drawn with it. */
export function draw(probabilities) {
  let rest = Math.random();
  const index = probabilities.findIndex((probability) => {
    rest -= probability;
    return rest < 0;
  });
  return Math.max(0, index);
}
