export { type EmitOptions, type EmittedFile, emit } from "./project.ts";
