import { createRequire } from 'node:module';
import type { WorkloadResult } from './results.js';

/** The part of the library that is used here; its own types are not for modules. */
interface Echarts {
  init(
    element: null,
    theme: null,
    options: { readonly renderer: 'svg'; readonly ssr: true; readonly width: number; readonly height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

const echarts = createRequire(import.meta.url)('echarts') as Echarts;

const WIDTH = 900;
const HEIGHT = 520;

/** Throughput against latency, a line for each system and kind of request, a point for each number of clients; as SVG. */
export function throughputPlot(results: readonly WorkloadResult[]): string {
  return drawing({
    title: { text: 'Requests a second and their median latency, with 1, 16, 64 and 256 clients', left: 'center' },
    grid: { left: 70, right: 30, top: 50, bottom: 80 },
    xAxis: { type: 'log', name: 'requests a second', nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'log', name: 'p50, ms', nameLocation: 'middle', nameGap: 45 },
    series: lines(results),
  });
}

/** A chart with its legend below, as SVG. @param option - Of the library. */
export function drawing(option: object): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption({ animation: false, backgroundColor: '#ffffff', legend: { bottom: 0 }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function lines(results: readonly WorkloadResult[]): object[] {
  const curves = new Map<string, { clients: number; point: [number, number] }[]>();
  for (const { workload, clients, bySystem } of results) {
    const kind = /^(PUT|GET consistent), \d+ clients?$/.exec(workload)?.[1];
    for (const [system, { requestsPerSecond, p50Ms }] of kind === undefined ? [] : Object.entries(bySystem)) {
      const name = `${system}, ${String(kind)}`;
      curves.set(name, [...(curves.get(name) ?? []), { clients, point: [requestsPerSecond, p50Ms] }]);
    }
  }
  return [...curves].map(([name, points]) => ({
    name,
    type: 'line',
    symbolSize: 8,
    data: points.sort((left, right) => left.clients - right.clients).map(({ point }) => point),
  }));
}
