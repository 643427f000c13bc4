const WIDTH = 300;
const HEIGHT = 220;
const LEFT = 60;
const TOP = 40;
const GAP = 70;
const COLOURS: readonly string[] = ["#2166ac", "#b2182b"];

function svg(width: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${TOP + HEIGHT + 60}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${body}
</svg>
`;
}

function frame(panel: number, title: string, below: string, tops: readonly string[]): string {
  const left = LEFT + panel * (WIDTH + GAP);
  const lines = tops.map((text, i) => {
    const y = TOP + HEIGHT - (i / (tops.length - 1)) * HEIGHT;
    return `<line x1="${left}" x2="${left + WIDTH}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${left - 6}" y="${y + 4}" text-anchor="end">${text}</text>`;
  });
  return `${lines.join("\n")}
<rect x="${left}" y="${TOP}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#444"/>
<text x="${left + WIDTH / 2}" y="${TOP - 14}" text-anchor="middle" font-size="14">${title}</text>
<text x="${left + WIDTH / 2}" y="${TOP + HEIGHT + 34}" text-anchor="middle">${below}</text>`;
}

/** A round trip for each call, one panel a scheme: the shape of the paper's figures 3 and 4. All panels have one height. */
export function runsFigure(
  panels: readonly { readonly title: string; readonly us: readonly number[] }[],
): string {
  const most = Math.max(1_000, ...panels.map(({ us }) => us.reduce((a, b) => Math.max(a, b), 0)));
  const tops = [0, 0.25, 0.5, 0.75, 1].map((share) => ((most * share) / 1_000).toFixed(1));
  const body = panels.map(({ title, us }, panel) => {
    const left = LEFT + panel * (WIDTH + GAP);
    const points = us.map((one, i) => {
      const x = left + (i / Math.max(1, us.length - 1)) * WIDTH;
      return `${x.toFixed(1)},${(TOP + HEIGHT - (one / most) * HEIGHT).toFixed(1)}`;
    });
    const path = `<polyline points="${points.join(" ")}" fill="none" stroke="#2166ac" stroke-width="0.5"/>`;
    return `${frame(panel, title, `${us.length} calls; ms`, tops)}\n${path}`;
  });
  return svg(LEFT + panels.length * (WIDTH + GAP), body.join("\n"));
}

/** Values over thresholds, a bar for each name: the shape of the paper's figure 5. */
export function bars(
  title: string,
  values: readonly { readonly name: string; readonly at: number; readonly value: number }[],
): string {
  const most = Math.max(1, ...values.map(({ value }) => value));
  const names = [...new Set(values.map(({ name }) => name))];
  const ats = [...new Set(values.map(({ at }) => at))];
  const slot = WIDTH / ats.length;
  const width = slot / (names.length + 1);
  const drawn = values.map(({ name, at, value }) => {
    const i = names.indexOf(name);
    const x = LEFT + ats.indexOf(at) * slot + (i + 0.5) * width;
    const height = (value / most) * HEIGHT;
    return `<rect x="${x.toFixed(1)}" y="${(TOP + HEIGHT - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="${COLOURS[i] ?? "#888"}"/>`;
  });
  const labels = ats.map(
    (at, i) =>
      `<text x="${LEFT + (i + 0.5) * slot}" y="${TOP + HEIGHT + 16}" text-anchor="middle">${at}</text>`,
  );
  const legend = names.map(
    (name, i) =>
      `<text x="${LEFT + WIDTH - 8}" y="${TOP + 18 + i * 16}" text-anchor="end" fill="${COLOURS[i] ?? "#888"}">${name}</text>`,
  );
  const tops = [0, 0.25, 0.5, 0.75, 1].map((share) => (most * share).toFixed(0));
  return svg(
    LEFT + WIDTH + GAP,
    [frame(0, title, "threshold, %", tops), ...drawn, ...labels, ...legend].join("\n"),
  );
}
