/** A station as the network's planners see it. */
export interface StationPlan {
  readonly code: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly displays: number;
  readonly sensors: readonly string[];
  /** The line whose peer serves it. */
  readonly home: string;
}

export const NETWORK = "Metro do Porto";

/** Stations of one kind: who serves them, which lines stop there, and their names, the busiest first. */
interface Stretch {
  readonly home: string;
  readonly lines: string;
  readonly titles: string;
}

const STRETCHES: readonly Stretch[] = [
  {
    home: "A",
    lines: "A B C E",
    titles:
      "Trindade, Bolhão, Casa da Música, Campanhã, Estádio do Dragão, Heroísmo, 24 de Agosto, Lapa, Carolina Michaëlis, Francos, Ramalde, Viso, Sete Bicas, Senhora da Hora",
  },
  {
    home: "A",
    lines: "A",
    titles:
      "Senhor de Matosinhos, Mercado, Brito Capelo, Matosinhos Sul, Câmara de Matosinhos, Parque de Real, Pedro Hispano, Estádio do Mar, Vasco da Gama",
  },
  {
    home: "B",
    lines: "B",
    titles:
      "Póvoa de Varzim, Vila do Conde, Pedras Rubras, Fonte do Cuco, Custóias, Esposade, Crestins, Verdes, Lidador, Vilar do Pinheiro, Modivas Sul, Modivas Centro, Vila do Conde Fashion Outlet, Mindelo, Varziela, Árvore, Azurara, Santa Clara, Alto de Pega, Portas Fronhas, São Brás",
  },
  {
    home: "C",
    lines: "C",
    titles:
      "Fórum Maia, Parque Maia, ISMAI, Cândido dos Reis, Pias, Araújo, Custió, Zona Industrial, Mandim, Castêlo da Maia",
  },
  {
    home: "D",
    lines: "D",
    titles:
      "São Bento, Hospital São João, Santo Ovídio, Aliados, IPO, Pólo Universitário, Salgueiros, Combatentes, Marquês, Faria Guimarães, Jardim do Morro, General Torres, Câmara de Gaia, João de Deus, D. João II",
  },
  {
    home: "E",
    lines: "E",
    titles: "Aeroporto",
  },
];

/** Where all lines meet; the client's examples are there. */
const CENTRE = "trindade";
/** Sensors of all stations: two tracks each, and as many halls as make two hundred. */
const SENSORS = 200;
const TRACKS: readonly string[] = ["track-1", "track-2"];

/** Longer codes fit into no table. */
const CODE_LENGTH = 13;

/** `Casa da Música` → `casadamusica`. */
function codeOf(title: string): string {
  return title
    .normalize("NFD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(0, CODE_LENGTH);
}

function plansOf(): readonly StationPlan[] {
  const titled = STRETCHES.flatMap(({ home, lines, titles }) =>
    titles.split(", ").map((title) => ({ home, lines, title })),
  );
  const halls = SENSORS - TRACKS.length * titled.length;
  return titled.map(({ home, lines, title }, at) => {
    const code = codeOf(title);
    const isCentre = code === CENTRE;
    return {
      code,
      title,
      home,
      lines: (isCentre ? `${lines} D` : lines).split(" ").toSorted(),
      displays: isCentre ? 4 : 2,
      sensors: at < halls ? [...TRACKS, "hall"] : TRACKS,
    };
  });
}

/** Seventy stations of the light-train network of Porto, on five lines, with two hundred sensors. */
export const PLANS: readonly StationPlan[] = plansOf();

/** The stations that a line serves for all; the busiest `most` of them. */
export function stationsOf(
  line: string,
  most: number = Number.POSITIVE_INFINITY,
): readonly StationPlan[] {
  return PLANS.filter(({ home }) => home === line).slice(0, most);
}
