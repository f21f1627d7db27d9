/**
 * Bundles the modules that the compiler left in build/, with the packages that they use, into the few files of dist/:
 * opening two thousand files was most of a start.
 *
 *   node scripts/bundle.mjs [--from build] [--to dist] [--with FILE]...
 *
 * --with   a module beside those of the program that meets in its process the same modules as they do
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: 'build' },
    to: { type: 'string', default: 'dist' },
    with: { type: 'string', multiple: true, default: [] },
  },
});

/** Stay packages, each for a reason. */
const external = [
  // Native.
  'better-sqlite3',
  'msgpackr-extract',
  // TypeORM requires it by a name that it is given, and must get the same one.
  'pg',
  // Must come before what is decorated: a CommonJS package in the bundle runs only where it is first used.
  'reflect-metadata',
  // Files for browsers, read where they lie; of the version that @nestjs/swagger asks for.
  'swagger-ui-dist',
];

/** Optional packages of other packages, which ask for them where they are used. What is not there stays an import. */
const leaveOptional = {
  name: 'leave-optional',
  setup({ onResolve, resolve }) {
    const asked = Symbol('asked');
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...place }) => {
      if (pluginData === asked || place.kind === 'entry-point') {
        return undefined;
      }
      const { errors } = await resolve(path, { ...place, pluginData: asked });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

/** Nest's module for TypeORM requires it by means of its own, which would load it a second time, from its thousand files. */
const oneTypeorm = {
  name: 'one-typeorm',
  setup({ onLoad }) {
    const own = 'const require = createRequire(import.meta.url);';
    onLoad({ filter: /@nestjs\/typeorm\/.*\/typeorm-compat\.js$/ }, async ({ path }) => {
      const parts = (await readFile(path, 'utf8')).split(own);
      if (parts.length !== 2) {
        throw new Error(`${path} does not require as it did`);
      }
      return { contents: parts.join('') };
    });
  },
};

/** What is put in front of a function, and in a class, so that it has the name that it had. */
const NAMING = {
  ofAny: /^var __name = .*$/m,
  ofClass: /\b__name\(this, ("(?:[^"\\]|\\.)*")\)/g,
};

/**
 * Nest and TypeORM tell classes apart by their names, which errors have too, and many packages have a class of one name. Nobody asks for
 * the names of functions, and to define one anew for each closure would cost more than most of them do.
 */
function nameClassesAlone(code) {
  return code
    .replace(NAMING.ofAny, 'var __name = (target) => target;')
    .replace(NAMING.ofClass, 'Object.defineProperty(this, "name", { value: $1, configurable: true })');
}

await rm(values.to, { recursive: true, force: true });
const { outputFiles } = await build({
  entryPoints: {
    main: join(values.from, 'main.js'),
    'worker-host': join(values.from, 'storage', 'worker-host.js'),
    ...Object.fromEntries(values.with.map((file) => [basename(file, extname(file)), file])),
  },
  outdir: values.to,
  bundle: true,
  // Restoring, recovering and Postgres are files of their own, which most processes never open.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external,
  plugins: [leaveOptional, oneTypeorm],
  keepNames: true,
  write: false,
  // Node reads them only with --enable-source-maps.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  // CommonJS packages require modules of Node.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});

const codes = outputFiles.map(({ text }) => text);
if (!Object.values(NAMING).every((pattern) => codes.some((code) => code.search(pattern) !== -1))) {
  throw new Error('esbuild keeps names in another way than it did');
}
await mkdir(values.to, { recursive: true });
for (const { path, text } of outputFiles) {
  await writeFile(path, path.endsWith('.js') ? nameClassesAlone(text) : text);
}
