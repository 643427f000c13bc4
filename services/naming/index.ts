export { ContextTree, type ContextTreeOptions, type Place } from "./context-tree.ts";
export { Listings, type ListingsOptions } from "./listings.ts";
export { MemoryStore } from "./memory-store.ts";
export type { Name, NameComponent } from "./name.ts";
export { NameFault, type Fault, type NotFoundWhy } from "./name-fault.ts";
export { nameFromString, nameToString } from "./name-string.ts";
export { nameToUrl } from "./name-url.ts";
export { type NamingOptions, type NamingService, startNaming } from "./service.ts";
export type { Binding, Bindings, ContextRecord, NamingStore, Target } from "./store.ts";
