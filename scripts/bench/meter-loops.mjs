/**
 * Prints, as JSON, how many nanoseconds the meters of one request of each kind take: the median of some runs of the code of the
 * node as it is built, called as the node calls it. A write is charged with a write of the log of its own, which many clients
 * share. In a process of its own, since what runs TypeScript makes functions dearer.
 */
import { NodeEffects } from '../../build/consensus/node-effects.js';
import { RequestMeter } from '../../build/consensus/request-meter.js';
import { Answering } from '../../build/http/answering.js';
import { Metrics } from '../../build/metrics/metrics.js';
import { observeHttp } from '../../build/metrics/observe-http.js';
import { emptyWrite } from '../../build/ports/log-store.port.js';

const requestsAtOnce = 100_000;
const runs = 15;

const nothing = () => undefined;
const caller = { resolve: nothing, reject: nothing };
const metrics = new Metrics();
const meter = new RequestMeter(metrics);
const effects = effectsOn(metrics);
const http = httpMeter(metrics);

const meters = {
  PUT: () => {
    const timed = meter.proposal(caller);
    effects.writeLog(emptyWrite);
    effects.timeApply(1, nothing);
    timed.resolve(null);
    http('PUT');
  },
  'GET consistent': () => {
    meter.read(caller, 'quorum').resolve(null);
    http('GET');
  },
  'GET stale': () => {
    http('GET');
  },
};

console.log(
  JSON.stringify(Object.fromEntries(Object.entries(meters).map(([kind, one]) => [kind, nanosecondsOf(one)]))),
);

/** What is noted of an answer, with what the server hands over. */
function httpMeter(instruments) {
  const answering = new Answering();
  observeHttp({ answering }, instruments);
  const shared = { routeOptions: { url: '/key/*' }, arrivedMs: performance.now() };
  const requests = { PUT: { method: 'PUT', ...shared }, GET: { method: 'GET', ...shared } };
  return (method) => answering.note(requests[method], 200);
}

/** What a node does beside its loop, on a log that is durable at once. */
function effectsOn(instruments) {
  const durable = { then: (done) => done() };
  return new NodeEffects({ log: { write: () => durable }, metrics: instruments, submit: nothing, fail: nothing });
}

function nanosecondsOf(meterOne) {
  const found = Array.from({ length: runs }, () => {
    const startMs = performance.now();
    for (let request = 0; request < requestsAtOnce; request += 1) {
      meterOne();
    }
    return ((performance.now() - startMs) * 1e6) / requestsAtOnce;
  });
  return found.sort((left, right) => left - right)[runs >> 1];
}
