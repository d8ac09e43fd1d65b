/** Compiles wasm/uniform.ts: the module in hexadecimal digits. */
export function compileUniform(): Promise<string>;
