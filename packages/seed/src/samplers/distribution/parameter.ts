/** Refuses a parameter that is not a positive, finite number. */
export function checkPositive(name: string, parameter: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new RangeError(`${name}: "${parameter}" must be positive and finite, got ${value}`);
}

/** Refuses a parameter that is NaN or infinite. */
export function checkFinite(name: string, parameter: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new RangeError(`${name}: "${parameter}" must be finite, got ${value}`);
}
