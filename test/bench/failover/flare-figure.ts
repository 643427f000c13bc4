/** One line of a panel. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

interface Panel {
  readonly title: string;
  /** Milliseconds. */
  readonly responses: readonly Curve[];
  /** Shares. */
  readonly utilizations: readonly Curve[];
}

interface Times {
  readonly dynamicMs: number;
  readonly faultMs: number;
  readonly endMs: number;
}

const WIDTH = 380;
const HEIGHT = 220;
const LEFT = 60;
const TOP = 40;
const GAP_X = 110;
const GAP_Y = 70;
const COLOURS = ["#1b7837", "#2166ac", "#b2182b", "#762a83", "#bf812d", "#35978f"] as const;
const STEPS = 4;

/** Where a panel stands. */
interface Frame {
  readonly x: number;
  readonly y: number;
  readonly most: number;
  readonly endMs: number;
}

const px = ({ x, endMs }: Frame, atMs: number): string => (x + (atMs / endMs) * WIDTH).toFixed(1);
const py = ({ y, most }: Frame, value: number): string =>
  (y + HEIGHT - (Math.min(value, most) / most) * HEIGHT).toFixed(1);

function axes(frame: Frame, title: string, unit: (value: number) => string, times: Times): string {
  const lines: string[] = [];
  for (let step = 0; step <= STEPS; step++) {
    const value = (frame.most / STEPS) * step;
    const at = py(frame, value);
    lines.push(
      `<line x1="${frame.x}" x2="${frame.x + WIDTH}" y1="${at}" y2="${at}" stroke="#ddd"/>`,
      `<text x="${frame.x - 6}" y="${Number(at) + 4}" text-anchor="end">${unit(value)}</text>`,
      `<text x="${px(frame, (times.endMs / STEPS) * step)}" y="${frame.y + HEIGHT + 16}" text-anchor="middle">${((times.endMs / STEPS / 1_000) * step).toFixed(1)} s</text>`,
    );
  }
  for (const atMs of [times.dynamicMs, times.faultMs])
    lines.push(
      `<line x1="${px(frame, atMs)}" x2="${px(frame, atMs)}" y1="${frame.y}" y2="${frame.y + HEIGHT}" stroke="#888" stroke-dasharray="4 4"/>`,
    );
  lines.push(
    `<rect x="${frame.x}" y="${frame.y}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#444"/>`,
    `<text x="${frame.x + WIDTH / 2}" y="${frame.y - 12}" text-anchor="middle" font-size="14">${title}</text>`,
  );
  return lines.join("\n");
}

function curves(frame: Frame, drawn: readonly Curve[]): string {
  return drawn
    .map(({ name, points }, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const path = points
        .map(([atMs, value]) => `${px(frame, atMs)},${py(frame, value)}`)
        .join(" ");
      const label = `<text x="${frame.x + WIDTH + 6}" y="${frame.y + 14 + i * 16}" fill="${colour}">${name}</text>`;
      return `<polyline points="${path}" fill="none" stroke="${colour}"/>${label}`;
    })
    .join("\n");
}

/** The paper's figure 3: response times above, utilizations below, a column for each strategy; the fault is the second dashed line. */
export function figure(panels: readonly Panel[], times: Times): string {
  const slowest = Math.max(
    1,
    ...panels.flatMap(({ responses }) =>
      responses.flatMap(({ points }) => points.map(([, ms]) => ms)),
    ),
  );
  const most = Math.ceil(slowest / 100) * 100;
  const { endMs } = times;
  const drawn = panels.map(({ title, responses, utilizations }, column) => {
    const x = LEFT + column * (WIDTH + GAP_X);
    const above: Frame = { x, y: TOP, most, endMs };
    const below: Frame = { x, y: TOP + HEIGHT + GAP_Y, most: 1, endMs };
    return [
      axes(above, `${title}: response times`, (ms) => `${Math.round(ms)} ms`, times),
      curves(above, responses),
      axes(below, `${title}: utilizations`, (share) => `${Math.round(share * 100)} %`, times),
      curves(below, utilizations),
    ].join("\n");
  });
  const width = LEFT + panels.length * (WIDTH + GAP_X);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${TOP + 2 * (HEIGHT + GAP_Y)}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${drawn.join("\n")}
</svg>
`;
}
