import type { GiopCodec } from "./codec.ts";
import { giop10 } from "./v10.ts";

/**
 * GIOP 1.1 (CORBA 3.3 Part 2, 9.4): octet for octet the headers of 1.0. What it adds, fragments and
 * wide characters, is not in the headers.
 */
export const giop11: GiopCodec = { ...giop10, minor: 1 };
