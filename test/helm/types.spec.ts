import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { describeWithHelm, render, variants } from './helm.js';
import { one } from './manifests.js';
import type { Manifest } from './manifests.js';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Where the type of an object is declared, by its version. */
const packages: Readonly<Record<string, string>> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/** The objects as literals, of which the compiler knows every field. */
function program(objects: readonly Manifest[]): string {
  const kinds = new Map(objects.map(({ kind, apiVersion }) => [kind, packages[apiVersion] ?? apiVersion]));
  const imports = [...kinds].map(([kind, from]) => `import type { I${kind} } from '${from}/${kind}';`);
  const values = objects.map((object, place) => `export const v${place}: I${object.kind} = ${JSON.stringify(object)};`);
  return [...imports, ...values].join('\n');
}

/** Compiles the files and gives the lines with errors. */
function compile(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'raftdb-chart-types-'));
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
    }
    const compilerOptions = {
      ...{ target: 'es2022', module: 'nodenext', types: [] },
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    };
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    const { stdout } = spawnSync(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
      cwd: folder,
    });
    return stdout.split('\n').filter((line) => line.includes('error TS'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeWithHelm('the types of Kubernetes and of the Prometheus operator', () => {
  it('know every field of every object of every variant, and refuse a field that there is not', () => {
    const rendered = Object.fromEntries(variants.map((variant) => [`${variant}.ts`, program(render({ variant }))]));
    const nodes = one(render(), 'StatefulSet');
    const { template } = nodes.spec;
    const typo = { ...template, spec: { ...template.spec, terminationGraceSeconds: 5 } };
    const wrong = program([{ ...nodes, spec: { ...nodes.spec, template: typo } } as Manifest]);
    const errors = compile({ ...rendered, 'wrong.ts': wrong });
    expect(errors.filter((line) => !line.startsWith('wrong.ts'))).toEqual([]);
    expect(errors.join()).toContain(`'"terminationGraceSeconds"' does not exist in type`);
  }, 240_000);
});
