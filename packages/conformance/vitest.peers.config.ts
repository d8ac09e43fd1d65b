import { laneConfig } from "./src/lanes.ts";
import { ROOT } from "./src/workspace.ts";

export default laneConfig("peers", ROOT);
