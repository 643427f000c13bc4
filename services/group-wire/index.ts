export { Groups } from "./groups.ts";
export { type Card, type Content, decodeLetter, encodeLetter, type Letter } from "./letter.ts";
