import { fileURLToPath } from "node:url";

import { laneConfig } from "./packages/conformance/src/lanes.ts";

export default laneConfig("tests", fileURLToPath(new URL(".", import.meta.url)));
