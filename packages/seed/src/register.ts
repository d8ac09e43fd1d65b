import { registerThread } from "./guard/registration.ts";

// The one module of this package that does something when it is imported: `node --import @repro/seed/register`.
registerThread();
