/** Middles of numbers. */

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * @param {number[]} values
 * @param {number} part 0 to 1
 */
export function quantile(values, part) {
  if (values.length === 0) {
    return NaN;
  }
  const sorted = [...values].sort((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The median, and the quartiles around it. */
export function summary(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
