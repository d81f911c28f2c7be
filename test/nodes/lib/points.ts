/** Two hundred rows × 2 in four groups of fifty; scikit-learn was given the same numbers for the reference values. */
export const fourGroups = Float64Array.from(
  Array.from({ length: 200 }, (_, i) => [
    Math.sin(i * 12.9898) * 0.5 + (Math.floor(i / 50) % 2) * 3,
    Math.cos(i * 78.233) * 0.5 + Math.floor(i / 100) * 3,
  ]).flat(),
)
