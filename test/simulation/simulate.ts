import { simulate } from './simulator.js';
const r = simulate(Number(process.argv[2]), { events: Number(process.argv[3] ?? 10000) });
console.log(r.failure?.invariant, r.failure?.message, r.events, r.virtualMs, r.committed, r.traceHash);
