import { type InterfaceDescriptor, invoke, type Operation, Servant } from "../../orb/generated.ts";
import { type CreatePoaOptions, ORB_init, type Transport } from "../../orb/index.ts";

/** Octets each way: what small requests are like. */
const OCTETS: Uint8Array = new Uint8Array(64);

const echo: Operation<WarmUp, readonly [Uint8Array], Uint8Array> = {
  name: "echo",
  writeArguments: (out, [octets]) => void out.octetSequence(octets),
  readArguments: (input) => [input.octetSequence()],
  writeResult: (out, octets) => void out.octetSequence(octets),
  readResult: (input) => input.octetSequence(),
  upcall: (servant, [octets]) => servant.echo(octets),
};

const descriptor: InterfaceDescriptor = {
  repositoryId: "IDL:orbweaver/WarmUp:1.0",
  name: "WarmUp",
  bases: () => [],
  operations: [echo],
};

class WarmUp extends Servant {
  override readonly _descriptor: InterfaceDescriptor = descriptor;

  echo(octets: Uint8Array): Uint8Array {
    return octets;
  }
}

/**
 * Calls over loopback within this thread until the way of a request is compiled. By ORBs of its own, so that no
 * interceptor and no metric of the lane sees it.
 * @param transport what the lane uses
 * @param poa what its adapters are made with
 */
export async function warmUp(
  calls: number,
  transport: Transport | undefined,
  poa: CreatePoaOptions,
): Promise<void> {
  if (calls <= 0) return;
  const options = transport === undefined ? {} : { transport };
  await using server = await ORB_init([], options);
  await using client = await ORB_init([], { ...options, config: { orb: { listen: [] } } });
  const adapter = await server.rootPOA.createPoa("warm", poa);
  const own = await adapter.activate(new WarmUp());
  server.rootPOA.the_POAManager.activate();
  const target = await client.string_to_object(server.object_to_string(own));
  if (target === null) return;
  for (let call = 0; call < calls; call++) await invoke(target, echo, [OCTETS]);
}
