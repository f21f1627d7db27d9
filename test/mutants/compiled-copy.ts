import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';
import { applyEdits, EditError } from './apply-edits.js';
import type { Mutant } from './mutant.js';
import { makeScratchFolder, removeScratchFolder } from './scratch-folder.js';
import { projectRoot, readSource } from './sources.js';

/** The code is compiled as for the tests. */
const compilerOptions = { configFile: join(projectRoot, '.swcrc'), sourceMaps: false };

/** The program of a copy that runs seeds. */
const runnerSource = 'test/mutants/seed-runner.ts';

/** An import of a module of the project. */
const importPattern = /\bfrom\s+'(\.[^']+)'/g;

/**
 * The simulator and the code that it runs, as JavaScript in a folder of its own, and beside it a copy for each mutant
 * with the files compiled anew that it changes.
 */
export class CompiledCopy {
  private readonly root = makeScratchFolder();
  /** As they were at the beginning, so that a change meanwhile does not mix two states of the code. */
  private readonly sources = new Map<string, string>();

  /** The program that runs seeds on the code as it is. */
  readonly runner = join(this.root, 'original', compiledName(runnerSource));

  constructor() {
    symlinkSync(join(projectRoot, 'node_modules'), join(this.root, 'node_modules'), 'dir');
    writeFileSync(join(this.root, 'package.json'), '{ "type": "module" }\n');
    this.compileWithImports(runnerSource);
  }

  /**
   * The program that runs seeds on the code with the bug.
   *
   * @throws EditError when the mutant does not fit the code, or changes what no run executes.
   */
  plant(mutant: Mutant): string {
    const changed = applyEdits(mutant, (file) => this.sourceOf(file));
    cpSync(join(this.root, 'original'), join(this.root, mutant.id), { recursive: true });
    for (const [file, source] of changed) {
      this.compile(mutant.id, file, source);
    }
    return join(this.root, mutant.id, compiledName(runnerSource));
  }

  remove(): void {
    removeScratchFolder(this.root);
  }

  private sourceOf(file: string): string {
    const source = this.sources.get(file);
    if (source === undefined) {
      throw new EditError(`the simulator does not run ${file}`);
    }
    return source;
  }

  /** What is imported for its types alone is not among the compiled imports. */
  private compileWithImports(file: string): void {
    const source = readSource(file);
    this.sources.set(file, source);
    for (const [, imported = ''] of this.compile('original', file, source).matchAll(importPattern)) {
      const importedFile = join(dirname(file), imported.replace(/\.js$/, '.ts'));
      if (!this.sources.has(importedFile)) {
        this.compileWithImports(importedFile);
      }
    }
  }

  private compile(folder: string, file: string, source: string): string {
    const target = join(this.root, folder, compiledName(file));
    const { code } = transformSync(source, { ...compilerOptions, filename: file });
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
    return code;
  }
}

function compiledName(file: string): string {
  return file.replace(/\.ts$/, '.js');
}
