import {
  AdapterAlreadyExists,
  AdapterNonExistent,
  type CompletionStatus,
  InvalidPolicy,
  ObjectAlreadyActive,
  ObjectNotActive,
  ServantAlreadyActive,
  SystemException,
  systemExceptionById,
  UserException,
  WrongPolicy,
} from "../../orb/index.ts";

/** An error on its way to another thread: data. */
export type Fault =
  | {
      readonly kind: "system";
      readonly repositoryId: string;
      readonly message: string;
      readonly minor: number;
      readonly completed: CompletionStatus;
    }
  | {
      readonly kind: "user";
      readonly repositoryId: string;
      readonly message: string;
      /** Of InvalidPolicy. */
      readonly index: number;
    }
  | {
      readonly kind: "error";
      readonly name: string;
      readonly message: string;
      readonly code: string | undefined;
      readonly stack: string | undefined;
    };

/** What adapters raise when they are made, filled and taken away. */
const RAISED: readonly (new (message: string) => UserException)[] = [
  AdapterAlreadyExists,
  AdapterNonExistent,
  ObjectAlreadyActive,
  ObjectNotActive,
  ServantAlreadyActive,
  WrongPolicy,
];

const BY_ID: ReadonlyMap<string, new (message: string) => UserException> = new Map(
  RAISED.map((each) => [(each as unknown as { repositoryId: string }).repositoryId, each]),
);

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Anything thrown, as data that keeps its name, its minor code and where it was thrown. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof SystemException) {
    const { repositoryId, message, minor, completed } = thrown;
    return { kind: "system", repositoryId, message, minor, completed };
  }
  if (thrown instanceof UserException) {
    const index = thrown instanceof InvalidPolicy ? thrown.index : 0;
    return { kind: "user", repositoryId: thrown.repositoryId, message: thrown.message, index };
  }
  if (thrown instanceof Error) {
    const { name, message, stack } = thrown;
    return { kind: "error", name, message, code: codeOf(thrown), stack };
  }
  const message = String(thrown);
  return { kind: "error", name: "Error", message, code: undefined, stack: undefined };
}

/** The error again: of its class where it is CORBA's, else an Error of its name. */
export function errorOf(fault: Fault): Error {
  switch (fault.kind) {
    case "system": {
      const { repositoryId, message, minor, completed } = fault;
      return systemExceptionById(repositoryId, message, minor, completed);
    }
    case "user": {
      if (fault.repositoryId === InvalidPolicy.repositoryId)
        return new InvalidPolicy({ index: fault.index }, fault.message);
      const Raised = BY_ID.get(fault.repositoryId);
      return Raised === undefined ? new Error(fault.message) : new Raised(fault.message);
    }
    case "error": {
      const { name, message, code, stack } = fault;
      const error = new Error(message);
      error.name = name;
      if (stack !== undefined) error.stack = stack;
      return code === undefined ? error : Object.assign(error, { code });
    }
  }
}

/** The error on one line. */
export function faultText(fault: Fault): string {
  const error = errorOf(fault);
  return `${error.name}: ${error.message}`;
}
