/** Arguments to a command and its options; help text. Not loaded when a kubelet asks without arguments. */
import { Command, CommanderError } from 'commander';
import type { Edge } from './edge.ts';
import { exitCode, InputError } from './errors.ts';
import type { ProviderDefinition } from './provider.ts';

/** Runs the command that the arguments name; resolves with the exit code. */
export async function runCommand(edge: Edge, providers: readonly ProviderDefinition[]): Promise<number> {
  let code: number = exitCode.ok;
  const program = createProgram(
    edge,
    async (run) => {
      code = await run();
    },
    providers,
  );
  if (edge.argv.length === 0) {
    // Without arguments and with a person at the keyboard there is no request to wait for.
    edge.writeError(program.helpInformation());
    return exitCode.config;
  }
  try {
    await program.parseAsync([...edge.argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCode.ok;
    throw new InputError('USAGE', { doing: 'reading the arguments', found: usage(error), todo: 'see purser --help' });
  }
}

/** The library's messages name the argument at fault, which is never a secret here: no option takes one. */
function usage(error: CommanderError): string {
  return error.message.replace(/^error: /, '');
}

type Runner = (run: () => Promise<number>) => Promise<void>;

function createProgram(edge: Edge, runner: Runner, providers: readonly ProviderDefinition[]): Command {
  const program = new Command('purser')
    .description('A kubelet image credential provider. Without a command it answers the request on stdin.')
    .option('--config <file>', 'the PurserConfig to use (default: $PURSER_CONFIG, then /etc/purser/config.yaml)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => edge.writeOut(text), writeErr: () => undefined })
    .showSuggestionAfterError(true)
    .action((options: { config?: string }) =>
      runner(async () => {
        const { serve } = await import('./commands/serve.ts');
        return serve(options, edge, providers);
      }),
    );
  program
    .command('version')
    .description('Version, commit, runtime and the versions of what is bundled')
    .option('-o, --output <format>', 'text or json', 'text')
    .action((options: { output: string }) =>
      runner(async () => {
        const { version } = await import('./commands/version.ts');
        return version(options, edge);
      }),
    );
  return program;
}
