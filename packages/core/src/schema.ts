import { escapePointer } from "./canonical.ts";
import { ReproError } from "./error.ts";

/**
 * The part of Standard Schema v1 that is needed to check a value: zod, valibot and arktype schemas all have it.
 *
 * @remarks https://standardschema.dev
 * @public
 */
export interface CheckedBy<Output> {
  /** The member that Standard Schema reserves. */
  readonly "~standard": {
    /** Returns the checked value, or what is wrong with it. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

/**
 * What a schema answers.
 *
 * @public
 */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/**
 * One thing a schema found wrong.
 *
 * @public
 */
export interface SchemaIssue {
  /** What is wrong, one line. */
  readonly message: string;
  /** Where, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * How {@link parseState} names its subject and its failure.
 *
 * @public
 */
export interface ParseStateOptions<Code extends string = "LAYER_STATE_INVALID"> {
  /** What is being read, for the message: `"a git-state record"`. */
  readonly what: string;
  /** Code of the error; `"LAYER_STATE_INVALID"` when omitted. */
  readonly code?: Code;
}

/**
 * Checks a recorded value against its schema: what every `parseX` is made of.
 *
 * @returns The checked value, as the schema types it.
 * @throws ReproError `LAYER_STATE_INVALID`, or `options.code`; `data.issues` lists `path` (JSON pointer) and `message` of each fault.
 * @throws TypeError when the schema checks asynchronously.
 * @public
 */
export function parseState<Output, Code extends string = "LAYER_STATE_INVALID">(
  schema: CheckedBy<Output>,
  value: unknown,
  options: ParseStateOptions<Code>,
): Output {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) throw new TypeError('parseState: "schema" must check synchronously');
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => ({ path: pointerOf(issue), message: issue.message }));
  const first = issues[0] ?? { path: "", message: "it is refused" };
  throw new ReproError<string>(
    `${options.what} is not valid at "${first.path === "" ? "/" : first.path}": ${first.message}`,
    {
      code: options.code ?? "LAYER_STATE_INVALID",
      remedy: "a record is read by the version of @repro that wrote it, or a newer one; it is never edited by hand",
      data: { issues },
    },
  );
}

function pointerOf(issue: SchemaIssue): string {
  const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return keys.map((key) => `/${escapePointer(String(key))}`).join("");
}
