import test from "ava";
import { PortableInterceptor } from "../../../idl/index.ts";
import {
  BAD_PARAM,
  Completion,
  NO_PERMISSION,
  type ObjectReference,
  type SystemException,
  UNKNOWN,
} from "../../../orb/index.ts";
import { Refused, sample } from "../../support/sample.ts";
import { across, clientWatch, serverWatch, watchedPair } from "./support.ts";

const NAMES = ["A", "B", "C"] as const;

/** Three interceptors on a side; B does `act` in `point`, once. */
function three<I>(
  watch: (name: string, tell: (point: string, ri: { reply_status: number }) => void) => I,
  log: string[],
  point: string,
  act: () => void,
): I[] {
  let isDone = false;
  return NAMES.map((name) =>
    watch(name, (at, ri) => {
      const isEnding = ![
        "send_request",
        "receive_request_service_contexts",
        "receive_request",
      ].includes(at);
      log.push(isEnding ? `${name} ${at} ${ri.reply_status}` : `${name} ${at}`);
      if (name !== "B" || at !== point || isDone) return;
      isDone = true;
      act();
    }),
  );
}

const refuse = (): never => {
  throw new NO_PERMISSION("refused by B", 7, Completion.maybe);
};

const nothing = (): void => undefined;

/** What a call to `echo`, `refuse` or `fire` came to. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return String(await call);
  } catch (error) {
    if (error instanceof Refused) return `Refused ${error.why}`;
    const { name, minor, completed } = error as SystemException;
    return `${name} ${minor} ${completed}`;
  }
}

interface Row {
  readonly title: string;
  readonly call: (target: ObjectReference) => Promise<unknown>;
  readonly point: string;
  readonly act: "refuse" | "forward" | "nothing";
  readonly log: readonly string[];
  readonly outcome: string;
}

const echo = (target: ObjectReference): Promise<unknown> => sample.echo(target, "x");
const raise = (target: ObjectReference): Promise<unknown> => sample.refuse(target, "no");
const fire = (target: ObjectReference): Promise<unknown> => sample.fire(target, 1);

const WHOLE_START = ["A send_request", "B send_request", "C send_request"];
const again = (...rest: string[]): string[] => [...WHOLE_START, ...rest];
const ended = (point: string, status: number): string[] =>
  ["C", "B", "A"].map((name) => `${name} ${point} ${status}`);

const CLIENT: readonly Row[] = [
  {
    title: "a reply",
    call: echo,
    point: "",
    act: "nothing",
    log: again(...ended("receive_reply", 0)),
    outcome: "x",
  },
  {
    title: "a user exception",
    call: raise,
    point: "",
    act: "nothing",
    log: again(...ended("receive_exception", 2)),
    outcome: "Refused no",
  },
  {
    title: "a system exception",
    call: (target) => sample.refuse(target, "crash"),
    point: "",
    act: "nothing",
    log: again(...ended("receive_exception", 1)),
    outcome: "UNKNOWN 0 COMPLETED_MAYBE",
  },
  {
    title: "a oneway call",
    call: fire,
    point: "",
    act: "nothing",
    log: again(...ended("receive_other", 0)),
    outcome: "undefined",
  },
  {
    title: "B refuses in send_request",
    call: echo,
    point: "send_request",
    act: "refuse",
    log: ["A send_request", "B send_request", "A receive_exception 1"],
    outcome: "NO_PERMISSION 7 COMPLETED_NO",
  },
  {
    title: "B forwards in send_request",
    call: echo,
    point: "send_request",
    act: "forward",
    log: [
      "A send_request",
      "B send_request",
      "A receive_other 3",
      ...again(...ended("receive_reply", 0)),
    ],
    outcome: "x",
  },
  {
    title: "B refuses in receive_reply",
    call: echo,
    point: "receive_reply",
    act: "refuse",
    log: again("C receive_reply 0", "B receive_reply 0", "A receive_exception 1"),
    outcome: "NO_PERMISSION 7 COMPLETED_YES",
  },
  {
    title: "B forwards in receive_reply, which it may not",
    call: echo,
    point: "receive_reply",
    act: "forward",
    log: again("C receive_reply 0", "B receive_reply 0", "A receive_exception 1"),
    outcome: "UNKNOWN 1330446337 COMPLETED_YES",
  },
  {
    title: "B refuses in receive_exception",
    call: raise,
    point: "receive_exception",
    act: "refuse",
    log: again("C receive_exception 2", "B receive_exception 2", "A receive_exception 1"),
    outcome: "NO_PERMISSION 7 COMPLETED_YES",
  },
  {
    title: "B forwards in receive_exception",
    call: raise,
    point: "receive_exception",
    act: "forward",
    log: again(
      "C receive_exception 2",
      "B receive_exception 2",
      "A receive_other 3",
      ...again(...ended("receive_exception", 2)),
    ),
    outcome: "Refused no",
  },
  {
    title: "B refuses in receive_other",
    call: fire,
    point: "receive_other",
    act: "refuse",
    log: again("C receive_other 0", "B receive_other 0", "A receive_exception 1"),
    outcome: "NO_PERMISSION 7 COMPLETED_NO",
  },
  {
    title: "B forwards in receive_other",
    call: fire,
    point: "receive_other",
    act: "forward",
    log: again(
      "C receive_other 0",
      "B receive_other 0",
      "A receive_other 3",
      ...again(...ended("receive_other", 0)),
    ),
    outcome: "undefined",
  },
];

const UP = NAMES.map((name) => `${name} receive_request_service_contexts`);
const IN = NAMES.map((name) => `${name} receive_request`);

const SERVER: readonly Row[] = [
  {
    title: "a reply",
    call: echo,
    point: "",
    act: "nothing",
    log: [...UP, ...IN, ...ended("send_reply", 0)],
    outcome: "x",
  },
  {
    title: "a user exception",
    call: raise,
    point: "",
    act: "nothing",
    log: [...UP, ...IN, ...ended("send_exception", 2)],
    outcome: "Refused no",
  },
  {
    title: "what is no CORBA exception",
    call: (target) => sample.refuse(target, "crash"),
    point: "",
    act: "nothing",
    log: [...UP, ...IN, ...ended("send_exception", 1)],
    outcome: "UNKNOWN 0 COMPLETED_MAYBE",
  },
  {
    title: "B refuses in receive_request_service_contexts",
    call: echo,
    point: "receive_request_service_contexts",
    act: "refuse",
    log: [...UP.slice(0, 2), "A send_exception 1"],
    outcome: "NO_PERMISSION 7 COMPLETED_NO",
  },
  {
    title: "B forwards in receive_request_service_contexts",
    call: echo,
    point: "receive_request_service_contexts",
    act: "forward",
    log: [...UP.slice(0, 2), "A send_other 3", ...UP, ...IN, ...ended("send_reply", 0)],
    outcome: "x",
  },
  {
    title: "B refuses in receive_request",
    call: echo,
    point: "receive_request",
    act: "refuse",
    log: [...UP, ...IN.slice(0, 2), ...ended("send_exception", 1)],
    outcome: "NO_PERMISSION 7 COMPLETED_NO",
  },
  {
    title: "B forwards in receive_request",
    call: echo,
    point: "receive_request",
    act: "forward",
    log: [
      ...UP,
      ...IN.slice(0, 2),
      ...ended("send_other", 3),
      ...UP,
      ...IN,
      ...ended("send_reply", 0),
    ],
    outcome: "x",
  },
  {
    title: "B refuses in send_reply",
    call: echo,
    point: "send_reply",
    act: "refuse",
    log: [...UP, ...IN, "C send_reply 0", "B send_reply 0", "A send_exception 1"],
    outcome: "NO_PERMISSION 7 COMPLETED_YES",
  },
  {
    title: "B forwards in send_reply, which it may not",
    call: echo,
    point: "send_reply",
    act: "forward",
    log: [...UP, ...IN, "C send_reply 0", "B send_reply 0", "A send_exception 1"],
    outcome: "UNKNOWN 1330446337 COMPLETED_YES",
  },
  {
    title: "B refuses in send_exception",
    call: (target) => sample.refuse(target, "crash"),
    point: "send_exception",
    act: "refuse",
    log: [...UP, ...IN, "C send_exception 1", "B send_exception 1", "A send_exception 1"],
    outcome: "NO_PERMISSION 7 COMPLETED_MAYBE",
  },
  {
    title: "B forwards in send_exception",
    call: raise,
    point: "send_exception",
    act: "forward",
    log: [
      ...UP,
      ...IN,
      "C send_exception 2",
      "B send_exception 2",
      "A send_other 3",
      ...UP,
      ...IN,
      ...ended("send_exception", 2),
    ],
    outcome: "Refused no",
  },
];

for (const where of ["remote", "collocated"] as const) {
  for (const row of CLIENT)
    test(`client, ${where}: ${row.title}`, async (t) => {
      const log: string[] = [];
      let elsewhere: ObjectReference | null = null;
      const acts = {
        refuse,
        nothing,
        forward: () => {
          throw new PortableInterceptor.ForwardRequest({ forward: elsewhere });
        },
      };
      const clients = three(clientWatch, log, row.point, acts[row.act]);
      const side = { clients };
      const { far, near, client, server } = await watchedPair(
        t,
        where === "remote" ? side : {},
        where === "remote" ? {} : side,
      );
      elsewhere = where === "remote" ? await across(client, server, near) : near;
      t.is(await outcome(row.call(where === "remote" ? far : near)), row.outcome);
      t.deepEqual(log, row.log);
    });

  for (const row of SERVER)
    test(`server, ${where}: ${row.title}`, async (t) => {
      const log: string[] = [];
      let elsewhere: ObjectReference | null = null;
      const acts = {
        refuse,
        nothing,
        forward: () => {
          throw new PortableInterceptor.ForwardRequest({ forward: elsewhere });
        },
      };
      const servers = three(serverWatch, log, row.point, acts[row.act]);
      const { far, near } = await watchedPair(t, {}, { servers });
      elsewhere = near;
      t.is(await outcome(row.call(where === "remote" ? far : near)), row.outcome);
      t.deepEqual(log, row.log);
    });

  test(`server, ${where}: a oneway call ends in send_other, and whatever is raised there reaches nobody`, async (t) => {
    for (const act of [nothing, refuse]) {
      const log: string[] = [];
      let over: () => void = nothing;
      const isOver = new Promise<void>((resolve) => (over = resolve));
      const servers = three(serverWatch, log, "send_other", act);
      const { far, near, servant } = await watchedPair(t, {}, { servers });
      await fire(where === "remote" ? far : near);
      await servant.called(1);
      setImmediate(over);
      await isOver;
      const endings =
        act === refuse
          ? ["C send_other 0", "B send_other 0", "A send_exception 1"]
          : ended("send_other", 0);
      t.deepEqual(log, [...UP, ...IN, ...endings]);
      t.deepEqual(servant.calls, ["fire 1"]);
    }
  });
}

test("a system exception of an interceptor keeps its minor, and what it was, as its cause", async (t) => {
  const problem = new BAD_PARAM("odd", 3, Completion.maybe);
  const clients = [
    clientWatch("A", (point) => {
      if (point === "send_request") throw problem;
    }),
  ];
  const { far } = await watchedPair(t, { clients });
  const error = await t.throwsAsync(echo(far), { instanceOf: BAD_PARAM, message: "odd" });
  t.is(error?.completed, "COMPLETED_NO");
  t.is(error?.cause, problem);
});

test("what is no exception of CORBA becomes UNKNOWN; a promise is refused", async (t) => {
  let act: () => unknown = nothing;
  const clients = [{ name: "A", send_request: () => act() as undefined }];
  const { far, servant } = await watchedPair(t, { clients });
  act = () => {
    throw new TypeError("a slip");
  };
  await t.throwsAsync(echo(far), { instanceOf: UNKNOWN, message: /TypeError: a slip/ });
  act = () => Promise.reject(new Error("nobody hears of it"));
  await t.throwsAsync(echo(far), { message: /"A": send_request returned a promise/ });
  t.deepEqual(servant.calls, []);
});

test("interceptors that have no points cost nothing and change nothing", async (t) => {
  const both = { clients: [{ name: "A" }], servers: [{ name: "A" }] };
  const { far, near } = await watchedPair(t, both, both);
  t.is(await sample.echo(far, "x"), "x");
  t.is(await sample.echo(near, "x"), "x");
});
