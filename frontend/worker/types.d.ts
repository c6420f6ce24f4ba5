// The part of a worker's types that the worker uses, and what templates/sw.js writes before it.

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface ExtendableMessageEvent extends ExtendableEvent {
  readonly data?: { keep?: string };
}
interface ServiceWorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly serviceWorker?: ServiceWorker;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: ExtendableMessageEvent) => void): void;
}

/** The version of the data and of the program. */
declare const VERSION: string;
/** By language: the pages that are kept, and the files that they load. */
declare const KEPT: Record<string, { pages: string[]; files: string[] }>;
/** Bytes of all that is kept, not compressed; what comes later is not kept. */
declare const LIMIT_BYTES: number;
/** By language: the page that says that there is no signal. */
declare const OFFLINE: Record<string, string>;
/** The tiles of the streets, if they are small enough to be kept whole; empty otherwise. */
declare const BACKDROP: string;
