import { expect, it } from "vitest";

import { drawGolden } from "./golden/golden.ts";
import golden from "./golden/golden.json" with { type: "json" };

// Other engines, and the large golden, have their turn in portability/engines.test.ts.
it("the golden of every sampler changes only in a major", () => {
  expect(drawGolden(1024)).toEqual(golden.small);
});
