// Draws the map of the folders as SVG: a box a folder, an arrow where one imports another, with the number of imports.
import { FOLDERS, ROWS } from "./folders.ts";
import type { FolderGraph } from "./import-graph.ts";

const WIDTH = 960;
const MARGIN = 24;
const LANES = 88;
const BOX_HEIGHT = 62;
const ROW_GAP = 54;
const TOP = 62;

type Box = { name: string; what: string; row: number; x: number; y: number; w: number };

const COLOURS = ["#ede9fe", "#dbeafe", "#dcfce7", "#fef3c7", "#f1f5f9"];
const EDGES = ["#7c3aed", "#2563eb", "#16a34a", "#d97706", "#475569"];

function boxes(): Map<string, Box> {
  const across = WIDTH - 2 * MARGIN - LANES;
  const placed = new Map<string, Box>();
  for (const [row, folders] of ROWS.entries()) {
    const w = (across - (folders.length - 1) * 20) / folders.length;
    for (const [column, { name, what }] of folders.entries()) {
      const x = MARGIN + column * (w + 20);
      placed.set(name, { name, what, row, x, y: TOP + row * (BOX_HEIGHT + ROW_GAP), w });
    }
  }
  return placed;
}

const text = (x: number, y: number, words: string, style: string) =>
  `<text x="${Math.round(x)}" y="${Math.round(y)}" ${style}>${words}</text>`;

function label(x: number, y: number, count: number, colour: string): string {
  const wide = 10 + String(count).length * 7;
  return (
    `<rect x="${Math.round(x - wide / 2)}" y="${Math.round(y - 9)}" width="${wide}" height="18" rx="9" fill="#ffffff" stroke="${colour}" stroke-opacity="0.4"/>` +
    text(
      x,
      y + 4,
      String(count),
      `text-anchor="middle" font-size="11" fill="${colour}" class="count"`,
    )
  );
}

/** Straight down, behind the boxes in between. Arrows to different rows leave at different places of the box. */
function straight(from: Box, to: Box, count: number): string {
  const share = { 1: 0.5, 2: 0.5, 3: 0.76, 4: 0.9 }[to.row] ?? 0.5;
  const isPart = ROWS[from.row]?.length !== 1;
  const target = from.row === 0 ? to : from;
  const x = isPart
    ? from.x + from.w * ({ 2: 0.24, 3: 0.5, 4: 0.76 }[to.row] ?? 0.5)
    : target.x + target.w * (from.row === 0 ? 0.5 : share);
  const y1 = from.y + BOX_HEIGHT;
  const colour = EDGES[from.row] ?? "#475569";
  return `<path d="M${Math.round(x)} ${y1} V${to.y - 3}" class="arrow" stroke="${colour}" marker-end="url(#tip${from.row})"/>${label(x, y1 + 16, count, colour)}`;
}

/** From one full row to another that is not the next: by a lane at the right, so that it crosses nothing. */
function byLane(from: Box, to: Box, count: number, lane: number): string {
  const x = from.x + from.w;
  const out = x + 22 + lane * 22;
  const y1 = from.y + 16 + (lane % 4) * 10;
  const y2 = to.y + 16 + (lane % 4) * 10;
  const colour = EDGES[from.row] ?? "#475569";
  return `<path d="M${x} ${y1} H${out - 6} Q${out} ${y1} ${out} ${y1 + 6} V${y2 - 6} Q${out} ${y2} ${out - 6} ${y2} H${x + 4}" class="arrow" stroke="${colour}" marker-end="url(#tip${from.row})"/>${label(out, (y1 + y2) / 2, count, colour)}`;
}

const tips = EDGES.map(
  (colour, row) =>
    `<marker id="tip${row}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${colour}"/></marker>`,
).join("");

function drawBox({ name, what, row, x, y, w }: Box, files: number): string {
  const edge = EDGES[row] ?? "#475569";
  const middle = x + w / 2;
  return (
    `<rect x="${Math.round(x)}" y="${y}" width="${Math.round(w)}" height="${BOX_HEIGHT}" rx="8" fill="${COLOURS[row]}" stroke="${edge}" stroke-width="1.5"/>` +
    text(
      middle,
      y + 26,
      `${name}/`,
      `text-anchor="middle" font-size="17" font-weight="600" fill="#0f172a"`,
    ) +
    text(middle, y + 49, what, `text-anchor="middle" font-size="11.5" fill="#334155"`) +
    text(
      x + w - 8,
      y + 14,
      `${files} files`,
      `text-anchor="end" font-size="9" fill="${edge}" class="count"`,
    )
  );
}

/** The whole picture. Folders that {@link ROWS} does not know are an error: the map would lie by leaving them out. */
export function drawMap(graph: FolderGraph): string {
  const placed = boxes();
  const unknown = [...graph.files.keys()].filter((name) => !FOLDERS.includes(name));
  if (unknown.length > 0) throw new Error(`The map has no place for ${unknown.join(", ")}.`);
  let lanes = 0;
  const rows = (edge: FolderGraph["imports"][number]) =>
    (placed.get(edge.to)?.row ?? 0) - (placed.get(edge.from)?.row ?? 0);
  const inLanes = graph.imports.toSorted((a, b) => rows(a) - rows(b)); // short ones stay inside long ones
  const arrows = inLanes.map(({ from, to, count }) => {
    const [a, b] = [placed.get(from), placed.get(to)];
    if (a === undefined || b === undefined) return "";
    const wide = ROWS[a.row]?.length === 1 && ROWS[b.row]?.length === 1;
    if (wide && b.row - a.row > 1) {
      lanes += 1;
      return byLane(a, b, count, lanes - 1);
    }
    return straight(a, b, count);
  });
  const height = TOP + ROWS.length * BOX_HEIGHT + (ROWS.length - 1) * ROW_GAP + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Map of the folders and their imports" font-family="system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif">`,
    `<!-- Made by npm run docs from the imports. -->`,
    `<defs>${tips}</defs><style>.arrow{fill:none;stroke-width:1.6;stroke-opacity:.75}</style>`,
    `<rect width="${WIDTH}" height="${height}" rx="12" fill="#ffffff"/>`,
    text(
      MARGIN,
      30,
      "Tillwatch: who imports whom",
      `font-size="18" font-weight="600" fill="#0f172a"`,
    ),
    text(
      MARGIN,
      48,
      "Drawn from the code. A number is a count of imports; arrows only ever point down.",
      `font-size="12" fill="#475569"`,
    ),
    ...arrows,
    ...[...placed.values()].map((box) => drawBox(box, graph.files.get(box.name) ?? 0)),
    "</svg>",
    "",
  ].join("\n");
}

/** The map without its figures, which change with every commit: what `--check` compares. */
export function mapShape(svg: string): string {
  return svg
    .replace(/(class="count">)[^<]*/g, "$1")
    .replace(/<rect x="\d+" (y="\d+") width="\d+" (height="18")/g, "<rect $1 $2");
}
