/**
 * What is going on, on stderr: a line that is drawn over and over on a terminal, else one line a second, and none for what
 * is quickly done. Notices and warnings come at once, each on a line of its own.
 */
import type { Edge } from '../edge.ts';
import { printable } from '../errors.ts';
import type { TraceEvent } from '../registry/trace.ts';

export interface Progress {
  show(event: TraceEvent): void;
  /** Leaves no half-drawn line behind. */
  end(): void;
}

/** Milliseconds between two lines: as fast as eyes follow, and as slow as logs should grow. */
const redrawTime = 100;
const lineTime = 1_000;

const clearLine = '\r\u001B[2K';

export function createProgress(image: string, edge: Edge): Progress {
  const isTerminal = edge.isTerminal(2);
  const started = edge.clock.monotonic();
  let lastShown = started;
  let isDrawn = false;
  let blobs = { count: 0, done: 0 };
  let bytes = { total: 0, come: 0 };
  let began = started;

  const line = (text: string): void => {
    edge.writeError(`${isDrawn ? clearLine : ''}${printable(text)}\n`);
    isDrawn = false;
  };

  const state = (now: number): string => {
    const { count, done } = blobs;
    if (count === 0) return `${image}  asking the registry`;
    const rate = now > began ? (bytes.come / (now - began)) * 1000 : 0;
    return `${image}  ${done}/${count} blobs  ${formatBytes(bytes.come)} of ${formatBytes(bytes.total)}  ${formatBytes(rate)}/s`;
  };

  const draw = (): void => {
    const now = edge.clock.monotonic();
    if (now - lastShown < (isTerminal ? redrawTime : lineTime)) return;
    lastShown = now;
    if (!isTerminal) {
      line(state(now));
      return;
    }
    const width = Number(edge.env['COLUMNS']) || 80;
    const text = `${bar(bytes.come, bytes.total)}  ${state(now)}`;
    edge.writeError(`${clearLine}${printable(text).slice(0, width - 1)}`);
    isDrawn = true;
  };

  return {
    show(event) {
      if (event.kind === 'notice' || event.kind === 'warning') line(`${event.kind}: ${event.text}`);
      if (event.kind === 'retry') line(`once more in ${(event.wait / 1000).toFixed(1)} s: ${event.reason}`);
      if (event.kind === 'blobs') {
        blobs = { count: event.count, done: 0 };
        bytes = { total: event.bytes, come: 0 };
        began = edge.clock.monotonic();
      }
      if (event.kind === 'blob') blobs.done++;
      if (event.kind === 'bytes') bytes.come += event.count;
      draw();
    },
    end() {
      if (isDrawn) edge.writeError(clearLine);
      isDrawn = false;
    },
  };
}

const barWidth = 20;

function bar(come: number, total: number): string {
  const filled = total === 0 ? 0 : Math.min(barWidth, Math.round((come / total) * barWidth));
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
}

/** In binary units, as image sizes are. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
