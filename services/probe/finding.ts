/** What a probe may find; each but `reached` and `forwarded` is a fault. */
export type FindingCode =
  | "reached"
  | "forwarded"
  | "wildcard"
  | "loopback"
  | "nameNotFound"
  | "ipv6Only"
  | "closedPort"
  | "blackHole"
  | "unreachable"
  | "privateAddress"
  | "noPort"
  | "otherMachine"
  | "noSocket"
  | "staleSocket"
  | "noAccess"
  | "webSocketOnly"
  | "noEntrance"
  | "tlsOnly"
  | "wrongVersion"
  | "notGiop"
  | "closedUnanswered"
  | "noAnswer"
  | "holding"
  | "objectGone"
  | "wrongType"
  | "raised";

/** What is wrong, in words, and how it is usually mended. */
export interface Finding {
  readonly code: FindingCode;
  readonly what: string;
  /** Empty where nothing needs mending. */
  readonly mend: string;
}

/** How each fault is usually mended. */
export const MENDS: Readonly<Record<FindingCode, string>> = {
  reached: "",
  forwarded: "",
  wildcard:
    'Tell the server which address to publish: `publish = ["HOST:PORT"]` in its configuration, omniORB -ORBendPointPublish giop:tcp:HOST:PORT, TAO -ORBListenEndpoints iiop://HOST:PORT, JacORB property OAIAddr. Then get a new reference.',
  loopback:
    'If the server runs on another machine, let it publish the name or address under which others reach that machine (`publish = ["HOST:PORT"]`; omniORB -ORBendPointPublish, TAO -ORBListenEndpoints, JacORB OAIAddr) and look at the machine\'s /etc/hosts, which often gives its own name to 127.0.0.1.',
  nameNotFound:
    'Enter the name in DNS or in /etc/hosts of this machine, or let the server publish an address or a full name (`publish = ["HOST:PORT"]`, TAO -ORBDottedDecimalAddresses 1).',
  ipv6Only: "Let the server listen on and publish an IPv4 address too, or give this machine IPv6.",
  closedPort:
    "Start the server. If it runs, it has another port now: ports are chosen anew at each start unless one is given (-ORBListenEndpoints iiop://HOST:PORT; omniORB -ORBendPoint giop:tcp:HOST:PORT), so get a new reference or give it a fixed port.",
  blackHole:
    "Look for a firewall between here and there that drops the packets, for a wrong address, and whether the machine runs. A server whose queue of connections is full behaves so, too.",
  unreachable: "Look at the routes of this machine and at the address in the reference.",
  privateAddress:
    'Let the server publish the address under which its network is reached from outside (`publish = ["HOST:PORT"]`), and let the firewall or address translation in front of it pass the port on.',
  noPort: "Get a reference from a server that listens on a TCP port.",
  otherMachine:
    "Run the client on that machine, or let the server listen on a TCP port as well (-ORBListenEndpoints iiop://HOST:PORT; omniORB -ORBendPoint giop:tcp:HOST:PORT). If this is that machine, its name has changed: start the server again and get a new reference.",
  noSocket:
    "Start the server. If it runs, look whether it has another directory (omniORB -ORBunixTransportDirectory) or runs in a container whose files are not seen here, and get a new reference.",
  staleSocket:
    "Start the server: the file is left from one that has ended, and a server that starts takes its place.",
  noAccess:
    "Let the client run as a user, or in a group, that may write to the socket and pass through its directories, or give the socket other rights (chmod; omniORB -ORBunixTransportPermission 0777).",
  webSocketOnly:
    "Give the client's ORB_init `transport: newWebSocketTransport({ … })` of orbweaver/services/websocket, or let the server open a plain port as well.",
  noEntrance:
    "Look at the URL (ws: or wss:, its path), at the rules of the HTTP server there for upgrades to a WebSocket (subprotocol giop), and at its certificate.",
  tlsOnly:
    "Use a client with IIOP over TLS and a certificate that the server accepts, or let the server open a plain port as well.",
  wrongVersion:
    "Use a reference of the version that the server speaks: corbaloc:iiop:1.VERSION@HOST:PORT/KEY, or a reference that the server itself makes.",
  notGiop:
    "The port belongs to another program: get a new reference from the server, or look which program listens there.",
  closedUnanswered:
    "Look into the server's log. Often the port wants TLS, the server admits only some addresses, or it has too many connections.",
  noAnswer:
    "Look whether the server's process is stopped or busy (its log, a debugger), and whether the port belongs to another program that waits for its client to speak.",
  holding:
    "Let the server activate its POA manager (the_POAManager.activate()) once it is ready. If it has done so, a servant blocks it.",
  objectGone:
    "Get a new reference: the object was deactivated, or it was transient and its server has been started again since. Objects that are to outlive their server need a POA with the policies PERSISTENT and USER_ID, and a fixed port.",
  wrongType: "Get a reference to an object of the type that you need.",
  raised: "Look into the server's log for the exception.",
};

export function finding(code: FindingCode, what: string): Finding {
  return { code, what, mend: MENDS[code] };
}
