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
  const worker = new Worker(new URL("../../dist/loader/worker.js", import.meta.url), {
    workerData: data,
    ...compiledArguments(process.execArgv),
  });
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

/** Takes out the condition that names our sources, for the worker is compiled; else a worker inherits all as it is. */
function compiledArguments(argv: readonly string[]): { execArgv?: string[] } {
  const sources = /(?:^|=)@repro\/source$/;
  if (!argv.some((argument) => sources.test(argument))) return {};
  return { execArgv: argv.filter((argument, at) => !sources.test(argument) && argv[at + 1] !== "@repro/source") };
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
