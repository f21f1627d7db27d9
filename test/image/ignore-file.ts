/** One line of a .dockerignore. */
interface Rule {
  readonly isException: boolean;
  readonly matches: RegExp;
}

/** Which paths a .dockerignore keeps from the builder: the last line that fits a path, or a folder above it, decides. */
export class IgnoreFile {
  private readonly rules: readonly Rule[];

  constructor(text: string) {
    const lines = text.split('\n').map((line) => line.trim());
    this.rules = lines.filter((line) => line !== '' && !line.startsWith('#')).map(ruleOf);
  }

  /** @param path - Relative to the folder of the file, with slashes. */
  excludes(path: string): boolean {
    const names = path.split('/');
    const withParents = names.map((_name, place) => names.slice(0, place + 1).join('/'));
    let isExcluded = false;
    for (const { isException, matches } of this.rules) {
      if (withParents.some((each) => matches.test(each))) {
        isExcluded = !isException;
      }
    }
    return isExcluded;
  }
}

function ruleOf(line: string): Rule {
  const isException = line.startsWith('!');
  const pattern = isException ? line.slice(1) : line;
  const parts = pattern.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') {
      return '(?:.*/)?';
    }
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return { isException, matches: new RegExp(`^${parts.join('')}$`) };
}
