/** A moment of a model's training. */
export interface Moment {
  /** Epochs of training so far, a fraction of one included. */
  readonly epoch: number;
}
