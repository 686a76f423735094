/** How a forecaster's network is made and trained, unless one says otherwise. Epochs are chosen by a trial. */
export const FORECASTER_RECIPE = {
  /** Options of its model. */
  model: {
    /** Units of its layer. */
    hiddenSize: 32,
    /** Its loss, which outliers move less than the squared error. */
    loss: "huber",
    /** Where that turns from squared to absolute, in units of the scaled target. */
    huberDelta: 0.2,
  },
  /** Options of its training. */
  training: {
    /** Of Adam. */
    learningRate: 0.005,
    /** The largest norm of the gradient. */
    clipNorm: 5,
  },
} as const;
