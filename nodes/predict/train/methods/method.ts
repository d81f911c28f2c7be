import type { ModelKind, RunContext } from '../../../node.ts'

/** What a method learns from: row-major rows × width numbers and labels of 0 and 1. */
export interface Lesson {
  readonly x: Float64Array
  readonly width: number
  readonly y: Float64Array
  /** One per row; every row counts alike without them. */
  readonly weights?: Float64Array
}

/** A way to learn. A third kind is one more file beside these. */
export interface Method {
  readonly kind: ModelKind
  /** Gives the parameters that are stored with the model, as JSON. */
  fit(lesson: Lesson, context: RunContext): Promise<unknown>
  /** Probabilities, one per row of `x`. */
  predict(parameters: unknown, x: Float64Array, width: number, context: RunContext): Promise<Float64Array>
}
