/** What each folder of src/ imports besides itself. Reading top to bottom is reading from the core outwards. */
const imports = {
  lib: [],
  raft: ['lib'],
  'state-machine': ['lib'],
  ports: ['raft'],
  config: ['lib'],
  metrics: ['config'],
  storage: ['ports', 'raft', 'config', 'metrics', 'lib'],
  transport: ['ports', 'raft', 'config', 'metrics', 'lib'],
  consensus: ['ports', 'raft', 'config', 'metrics', 'lib'],
  http: ['consensus', 'config', 'lib'],
  key: ['http', 'consensus', 'state-machine', 'metrics', 'lib'],
  backup: ['key', 'http', 'consensus', 'state-machine', 'lib'],
  cluster: ['http', 'consensus', 'lib'],
  health: ['http', 'consensus', 'metrics', 'lib'],
};

const folders = Object.keys(imports);
const either = (names) => names.join('|');

const reach = folders.map((folder) => ({
  name: `${folder}-imports`,
  severity: 'error',
  comment: `src/${folder} imports ${[folder, ...imports[folder]].join(', ')}.`,
  from: { path: `^src/${folder}/`, pathNot: '\\.(spec|module)\\.ts$' },
  to: { path: '^src/', pathNot: `^src/(${either([folder, ...imports[folder]])})/` },
}));

const wiring = folders.map((folder, rank) => ({
  name: `${folder}-module-wires-downwards`,
  severity: 'error',
  comment: 'A *.module.ts file wires implementations from any folder above its own in the list.',
  from: { path: `^src/${folder}/[^/]+\\.module\\.ts$` },
  to: { path: '^src/', pathNot: `^src/(${either(folders.slice(0, rank + 1))})/` },
}));

export default {
  forbidden: [
    ...reach,
    ...wiring,
    {
      name: 'pure',
      severity: 'error',
      comment:
        'lib/, raft/ and state-machine/ import no package and no node module; lib/ has functions of bytes from buffer.',
      from: { path: '^src/(lib|raft|state-machine)/', pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'core'],
        pathNot: 'node_modules/sorted-btree/|^(node:)?buffer$',
      },
    },
    {
      name: 'buffer-in-lib',
      severity: 'error',
      from: { path: '^src/(raft|state-machine)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(node:)?buffer$' },
    },
    {
      name: 'sorted-btree-in-state-machine',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/state-machine/' },
      to: { path: 'node_modules/sorted-btree/' },
    },
    {
      name: 'front-door',
      severity: 'error',
      comment: 'raft/ and state-machine/ are entered through index.ts.',
      from: { path: '^src/', pathNot: '^src/(raft|state-machine)/' },
      to: { path: '^src/(raft|state-machine)/', pathNot: '^src/(raft|state-machine)/index\\.ts$' },
    },
    {
      name: 'typeorm-in-storage',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/storage/' },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm|pg|better-sqlite3)/' },
    },
    {
      name: 'sockets-in-transport',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(transport/|run-node\\.ts$)' },
      to: { path: '(node_modules/@nestjs/microservices/|^(node:)?net$|^(node:)?tls$)' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: ['\\.spec\\.ts$'] }, to: {} },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
