/** How a forecaster's network is made and trained, unless one says otherwise. Epochs are chosen by a trial. */
export const FORECASTER_RECIPE = {
  model: { hiddenSize: 32, loss: "huber", huberDelta: 0.2 },
  training: { learningRate: 0.005, clipNorm: 5 },
} as const;
