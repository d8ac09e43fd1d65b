import type { Group } from "./case.ts";
import { DAMAGE } from "./damage.ts";
import { FILES } from "./files.ts";
import { FILTERS } from "./filters.ts";
import { INDEX } from "./index-kinds.ts";
import { KINDS } from "./kinds.ts";
import { NESTED } from "./nested.ts";
import { ATTRIBUTES, IGNORE } from "./rules.ts";

/** The matrix, in the order of its page. */
export const GROUPS: readonly Group[] = [FILES, IGNORE, ATTRIBUTES, FILTERS, NESTED, INDEX, KINDS, DAMAGE];
