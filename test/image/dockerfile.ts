import { Copy, DockerfileParser, From } from 'dockerfile-ast';
import type { Flag, Instruction } from 'dockerfile-ast';

/** What one COPY brings in. */
export interface CopyStep {
  /** The stage that it takes from; null: the folder that is built. */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

/** One FROM and what follows it. */
export interface Stage {
  readonly from: From;
  readonly name: string | null;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, in their order. */
export function stagesOf(text: string): Stage[] {
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof From) {
      stages.push({ from: instruction, name: instruction.getBuildStage(), instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

/** What the image is made from. */
export function lastStage(text: string): Stage {
  const stage = stagesOf(text).at(-1);
  if (stage === undefined) {
    throw new Error('the Dockerfile has no stage');
  }
  return stage;
}

export function instructionsOf(stage: Stage, keyword: string): Instruction[] {
  return stage.instructions.filter((instruction) => instruction.getKeyword() === keyword);
}

/** The words of an instruction, without its flags. */
export function wordsOf(instruction: Instruction): string[] {
  return instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .filter((word) => !word.startsWith('--'));
}

export function copyStep(instruction: Instruction): CopyStep {
  const words = wordsOf(instruction);
  return {
    from:
      flagsOf(instruction)
        .find((flag) => flag.getName() === 'from')
        ?.getValue() ?? null,
    sources: words.slice(0, -1),
    target: words.at(-1) ?? '',
  };
}

function flagsOf(instruction: Instruction): Flag[] {
  return instruction instanceof Copy ? instruction.getFlags() : [];
}
