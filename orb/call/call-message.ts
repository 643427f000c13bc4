import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import {
  Completion,
  completionFromOrdinal,
  MINOR,
  OBJECT_NOT_EXIST,
  type SystemException,
  systemExceptionById,
  UNKNOWN,
} from "../exception/index.ts";
import {
  beginMessage,
  endMessage,
  type GiopCodec,
  type LocateReplyHeader,
  type ReplyStatus,
  type ServiceContext,
  type Target as Addressing,
} from "../giop/index.ts";
import type { AnyOperation } from "./operation.ts";
import type { Target } from "./target.ts";

/** How a request names the object: by key, unless the server asked for more. */
export function addressOf(target: Target): Addressing {
  const by = target.namedBy;
  if (by === "key") return target.addressing;
  const profile = target.ior.profiles[target.profileIndex];
  if (by === "reference" || profile === undefined) {
    return { by: "reference", selectedProfile: target.profileIndex, ior: target.ior };
  }
  return { by: "profile", profile };
}

/** A whole Request. @throws what the operation throws for arguments it cannot write */
export function writeRequest(
  out: CdrOutput,
  codec: GiopCodec,
  header: {
    readonly requestId: number;
    readonly target: Addressing;
    readonly contexts: readonly ServiceContext[];
    /** One of RESPONSE. */
    readonly responseFlags: number;
  },
  operation: AnyOperation,
  args: readonly unknown[],
): Uint8Array {
  beginMessage(out, "Request", codec.minor);
  codec.writeRequestHeader(out, {
    requestId: header.requestId,
    responseFlags: header.responseFlags,
    target: header.target,
    operation: operation.name,
    contexts: header.contexts,
  });
  const headerEnd = codec.beginBody(out);
  operation.writeArguments(out, args);
  return codec.endBody(out, headerEnd);
}

/** What the answer to a LocateRequest would be as that to a call. */
export const LOCATED: Readonly<
  Record<Exclude<LocateReplyHeader["status"], "UNKNOWN_OBJECT">, ReplyStatus>
> = {
  OBJECT_HERE: "NO_EXCEPTION",
  OBJECT_FORWARD: "LOCATION_FORWARD",
  OBJECT_FORWARD_PERM: "LOCATION_FORWARD_PERM",
  LOC_SYSTEM_EXCEPTION: "SYSTEM_EXCEPTION",
  LOC_NEEDS_ADDRESSING_MODE: "NEEDS_ADDRESSING_MODE",
};

/** A whole LocateRequest. */
export function writeLocateRequest(
  out: CdrOutput,
  codec: GiopCodec,
  requestId: number,
  target: Addressing,
): Uint8Array {
  beginMessage(out, "LocateRequest", codec.minor);
  codec.writeLocateRequestHeader(out, { requestId, target });
  return endMessage(out);
}

/** The exception of a USER_EXCEPTION reply behind its id; UNKNOWN for one the operation does not list. */
export function readUserException(
  input: CdrInput,
  id: string,
  operation: AnyOperation,
  during: string,
): Error {
  const raises = operation.raises?.().find((candidate) => candidate.type.repositoryId === id);
  if (raises !== undefined) return raises.read(input);
  return new UNKNOWN(
    `${during}: raised ${id}, which the IDL does not list`,
    MINOR.unlistedUserException,
    Completion.yes,
  );
}

/** The exception of a SYSTEM_EXCEPTION reply, saying during what it was raised. */
export function readSystemException(input: CdrInput, during: string): SystemException {
  const id = input.string();
  const minor = input.ulong();
  const completed = completionFromOrdinal(input.ulong()) ?? Completion.maybe;
  const name = id.split("/").at(-1)?.split(":")[0] ?? id;
  return systemExceptionById(
    id,
    `${during}: the server raised ${name}, minor 0x${minor.toString(16).padStart(8, "0")}, ${completed}`,
    minor,
    completed,
  );
}

/** The exception for a server that says it does not know the object. */
export function unknownObject(during: string): OBJECT_NOT_EXIST {
  return new OBJECT_NOT_EXIST(
    `${during}: the server does not know the object`,
    MINOR.none,
    Completion.no,
  );
}
