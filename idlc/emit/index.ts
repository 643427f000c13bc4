export { asJavaScript, type EmittedFile } from "./emitted.ts";
export { type EmitOptions, emit } from "./project.ts";
export type { ScaffoldFolders } from "./scaffold.ts";
