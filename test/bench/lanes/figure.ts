/** Latencies at one load, in milliseconds. */
export interface Point {
  /** Percent of the processor. */
  readonly load: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Panel {
  readonly title: string;
  readonly points: readonly Point[];
}

const WIDTH = 430;
const HEIGHT = 300;
const LEFT = 60;
const TOP = 40;
const GAP = 90;
const COLOURS = { p50: "#1b7837", p99: "#2166ac", max: "#b2182b" } as const;
/** Decades of the axis: 10 µs to 100 ms. */
const LOW_MS = 0.01;
const DECADES = 4;
const MOST_LOAD = 100;
/** The paper's reference line. */
const REFERENCE_LOAD = 90;

function x(panel: number, load: number): number {
  return LEFT + panel * (WIDTH + GAP) + (load / MOST_LOAD) * WIDTH;
}

function y(ms: number): number {
  const decades = Math.log10(Math.max(ms, LOW_MS) / LOW_MS);
  return TOP + HEIGHT - (Math.min(decades, DECADES) / DECADES) * HEIGHT;
}

function axes(panel: number, title: string): string {
  const lines: string[] = [];
  const right = x(panel, MOST_LOAD);
  for (let decade = 0; decade <= DECADES; decade++) {
    const ms = LOW_MS * 10 ** decade;
    lines.push(
      `<line x1="${x(panel, 0)}" x2="${right}" y1="${y(ms)}" y2="${y(ms)}" stroke="#ddd"/>`,
      `<text x="${x(panel, 0) - 6}" y="${y(ms) + 4}" text-anchor="end">${ms}</text>`,
    );
  }
  for (let load = 0; load <= MOST_LOAD; load += 25)
    lines.push(
      `<text x="${x(panel, load)}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${load}</text>`,
    );
  const reference = x(panel, REFERENCE_LOAD);
  lines.push(
    `<line x1="${reference}" x2="${reference}" y1="${TOP}" y2="${TOP + HEIGHT}" stroke="#888" stroke-dasharray="4 4"/>`,
    `<rect x="${x(panel, 0)}" y="${TOP}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#444"/>`,
    `<text x="${(x(panel, 0) + right) / 2}" y="${TOP - 14}" text-anchor="middle" font-size="14">${title}</text>`,
    `<text x="${(x(panel, 0) + right) / 2}" y="${TOP + HEIGHT + 38}" text-anchor="middle">load, %</text>`,
  );
  return lines.join("\n");
}

function curve(panel: number, points: readonly Point[], what: keyof typeof COLOURS): string {
  const colour = COLOURS[what];
  const at = points.map((point) => [x(panel, point.load), y(point[what])] as const);
  const path = at.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  const dots = at
    .map(
      ([px, py]) =>
        `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="2.5" fill="${colour}"/>`,
    )
    .join("");
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots}`;
}

/** Latency over load without and with reservation, side by side: the shape of the paper's figure 5. */
export function figure(panels: readonly Panel[]): string {
  const width = LEFT + panels.length * (WIDTH + GAP);
  const names = Object.keys(COLOURS) as (keyof typeof COLOURS)[];
  const legend = names
    .map((name, i) => {
      const at = LEFT + 12;
      return `<text x="${at}" y="${TOP + 18 + i * 16}" fill="${COLOURS[name]}">${name}</text>`;
    })
    .join("\n");
  const drawn = panels.map(({ title, points }, panel) =>
    [axes(panel, title), ...names.map((name) => curve(panel, points, name))].join("\n"),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${TOP + HEIGHT + 60}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text transform="translate(16 ${TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">latency, ms</text>
${drawn.join("\n")}
${legend}
</svg>
`;
}
