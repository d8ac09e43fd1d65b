import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

/** What a thread tells about another one. */
export interface ThreadListener {
  /** It sent a message. */
  message(message: unknown): void;
  /** It ended without being asked to; `cause` is what it threw, if it did. */
  lost(exitCode: number, cause: unknown): void;
}

/** A worker thread. It keeps the process alive only while it is held. */
export interface WorkerThread {
  /** Sends a message. */
  post(message: unknown): void;
  /** Keeps the process alive. */
  hold(): void;
  /** Lets the process end. */
  release(): void;
  /** Asks it to end by itself with the message `farewell`, and ends it if it does not within {@link GRACE_MS}. */
  end(farewell: unknown): Promise<void>;
}

/** Time that a worker has for its sample, its `exit` listeners and its streams, in ms. */
const GRACE_MS = 500;

/** Starts the compiled worker: node 20 cannot run it from source. */
export function startWorker(data: unknown, listener: ThreadListener): WorkerThread {
  const argv = compiledArguments(process.execArgv);
  const worker = argv.length === process.execArgv.length ? createWorker(data) : createWorker(data, argv);
  let thrown: unknown;
  let ending = false;
  const exited = new Promise<void>((resolve) => {
    worker.once("exit", (exitCode) => {
      resolve();
      if (!ending) listener.lost(exitCode, thrown);
    });
  });
  worker.on("error", (error) => (thrown = error));
  worker.on("message", (message: unknown) => listener.message(message));
  worker.on("messageerror", (error) => {
    thrown = error; // what was sent is gone: without it the order cannot be kept
    void worker.terminate();
  });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message, []),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    end: async (farewell) => {
      ending = true;
      worker.ref();
      worker.postMessage(farewell, []);
      const timer = setTimeout(() => void worker.terminate(), GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * Starts it with the arguments that are given; else it inherits all as they are.
 *
 * Of those that are given node refuses the ones that hold for the whole process, a worker too: it names them, and they are
 * left out.
 */
function createWorker(data: unknown, execArgv?: readonly string[]): Worker {
  const url = new URL("../../dist/loader/worker.js", import.meta.url);
  if (execArgv === undefined) return new Worker(url, { workerData: data });
  try {
    return new Worker(url, { workerData: data, execArgv: [...execArgv] });
  } catch (error) {
    const refused = (error as Error).message.split(/: |, /);
    const kept = execArgv.filter((argument) => !refused.includes(argument));
    const named = (error as { readonly code?: unknown }).code === "ERR_WORKER_INVALID_EXEC_ARGV";
    if (!named || kept.length === execArgv.length) throw error;
    return createWorker(data, kept);
  }
}

/** Arguments that say what node runs and not how: the text of `node -e`, for one. */
const PROGRAM = /^(?:-e|-p|-pe|--eval|--print|--input-type)(?:=|$)/;

/** The condition that names our sources: the worker is compiled. */
const SOURCES = /(?:^|=)@repro\/source$/;

/** Takes out what a worker of a file of its own cannot inherit, each with its value. */
function compiledArguments(argv: readonly string[]): string[] {
  return argv.filter((argument, at) => {
    const before = argv[at - 1] ?? "";
    const isValue = PROGRAM.test(before) && !before.includes("=") && !argument.startsWith("-");
    return !isValue && !PROGRAM.test(argument) && !SOURCES.test(argument) && argv[at + 1] !== "@repro/source";
  });
}

/** The other side: what a worker knows of the thread that started it. */
export interface WorkerSide {
  /** What it was started with. */
  readonly data: unknown;
  /** Sends a message, and moves memory with it. */
  post(message: unknown, buffers?: readonly ArrayBuffer[]): void;
  /** Calls back for each message. */
  listen(listener: (message: unknown) => void): void;
  /** Ends this thread. */
  exit(): void;
}

/** The worker side of this thread; `undefined` in a main thread. */
export function workerSide(): WorkerSide | undefined {
  const port = parentPort;
  if (isMainThread || port === null) return undefined;
  return {
    data: workerData as unknown,
    post: (message, buffers = []) => port.postMessage(message, [...buffers]),
    listen: (listener) => void port.on("message", listener),
    exit: () => process.exit(0),
  };
}

/** Lets messages, timers and files have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Imports a module by its URL. */
export async function importModule(href: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(/* @vite-ignore */ href)) as Readonly<Record<string, unknown>>;
}
