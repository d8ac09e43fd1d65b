import { expect } from "vitest";

/** Called by snippets in place of `actual; // => claimed`. */
export function same(actual: unknown, claimed: unknown): void {
  expect(actual).toEqual(claimed);
}

/** Called by snippets in place of `act(); // => throws CODE`. */
export async function throwsCode(act: () => Promise<unknown>, code: string): Promise<void> {
  const outcome = await act().then(
    () => "nothing was thrown",
    (error: unknown) => codeOf(error),
  );
  expect(outcome).toBe(code);
}

/** The code where there is one, else the class: `TypeError`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return `not an error: ${String(error)}`;
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
