import { readFileSync } from 'node:fs';

/** The text of docs/operations.md. */
export const page = pageOf('operations');

/** The text of docs/storage.md. */
export const storagePage = pageOf('storage');

/** What stands between two fences. */
export interface Block {
  /** The heading above it, without its `##`. */
  readonly section: string;
  /** The word behind the first fence. */
  readonly language: string;
  readonly lines: readonly string[];
}

/** Lines of a block that are typed at one machine. */
export interface Turn {
  /** Null: any machine that reaches the cluster. */
  readonly host: string | null;
  /** Whether the node of that machine is stopped first. */
  readonly isStopped: boolean;
  readonly lines: readonly string[];
}

/**
 * Why lines that begin with these programs are not run.
 * Those of the section about Kubernetes are looked at by kubernetes.spec.ts.
 */
export const notRunHere: ReadonlyMap<string, string> = new Map([
  ['npm', 'it fetches packages and changes the machine; .ci/run installs a clean checkout in the same way'],
  ['helm', 'it needs a cluster of Kubernetes; what it would send there is rendered'],
  ['kubectl', 'it needs a cluster of Kubernetes; the names in it are those that the chart gives'],
]);

const headings = page.match(/^## .*$/gm) ?? [];

/** Headings of the page in their order. */
export const sections: readonly string[] = headings.map((line) => line.slice('## '.length));

/** Every block of the page in its order. @throws where a fence is not closed. */
export const blocks: readonly Block[] = page.split(/^## /m).flatMap((text) => {
  const [section = ''] = text.split('\n');
  const parts = text.split(/^```/m);
  if (parts.length % 2 === 0) {
    throw new Error(`a block of "${section}" has no end`);
  }
  return parts.flatMap((part, place) => {
    const [language = '', ...lines] = part.trimEnd().split('\n');
    return place % 2 === 1 ? [{ section, language, lines }] : [];
  });
});

/** The first word of a line. */
export function programOf(line: string): string {
  return line.split(' ')[0] ?? '';
}

/** A block by the machines at which it is typed: `# on host-02` says where, `with raftd stopped` what is done before. */
export function turnsOf({ lines }: Block): Turn[] {
  const turns: Turn[] = [];
  let turn = { host: null as string | null, isStopped: false, lines: [] as string[] };
  for (const line of lines) {
    const [, host, more] = /^# on (host-\d+)(.*)$/.exec(line) ?? [];
    if (host === undefined) {
      turn.lines.push(line);
    } else {
      turns.push(turn);
      turn = { host, isStopped: more === ', with raftd stopped', lines: [] };
    }
  }
  return [...turns, turn].filter((each) => each.lines.length > 0);
}

/** Rows of the table whose first column is called `first`, each a list of cells. */
export function tableRows(first: string, text = page): string[][] {
  const [, ...after] = text.split(new RegExp(`^\\| ${first} +\\|.*\\n`, 'm'));
  const [table = ''] = (after[0] ?? '').split('\n\n');
  const [, ...rows] = table.trimEnd().split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands between backticks, outside of blocks. */
export function quotedIn(text: string): string[] {
  return [...text.replace(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);
}

function pageOf(name: string): string {
  return readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
}
