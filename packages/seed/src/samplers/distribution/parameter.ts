/** Refuses what is no number: text would be taken for one by some operators and not by others. */
export function checkNumber(name: string, parameter: string, value: unknown): void {
  if (typeof value === "number") return;
  throw new TypeError(`${name}: "${parameter}" must be a number, got ${typeof value}`);
}

/** Refuses a parameter that is not a positive, finite number. */
export function checkPositive(name: string, parameter: string, value: number): void {
  checkNumber(name, parameter, value);
  if (value > 0 && value < Infinity) return;
  throw new RangeError(`${name}: "${parameter}" must be positive and finite, got ${value}`);
}

/** Refuses a parameter that is NaN or infinite. */
export function checkFinite(name: string, parameter: string, value: number): void {
  checkNumber(name, parameter, value);
  if (Number.isFinite(value)) return;
  throw new RangeError(`${name}: "${parameter}" must be finite, got ${value}`);
}
