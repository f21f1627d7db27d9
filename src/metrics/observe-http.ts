import type { Metrics } from './metrics.js';

/** Where requests are answered. */
interface Answering {
  readonly answering: {
    onAnswered: (answered: { method: string; route: string; status: number; seconds: number }) => void;
  };
}

/** Times every answer from here on. */
export function observeHttp({ answering }: Answering, { http }: Metrics): void {
  answering.onAnswered = ({ method, route, status, seconds }) => {
    http.series(method, route, status).observe(seconds);
  };
}
