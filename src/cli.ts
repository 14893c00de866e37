/** Arguments to a command and its options; help text. Not loaded when a kubelet asks without arguments. */
import { Command, CommanderError, Option } from 'commander';
import { documentKinds } from './document-kind.ts';
import type { Edge } from './edge.ts';
import { describe, exitCode, exitCodeOf, InputError, quote } from './errors.ts';
import { nearest } from './near-miss.ts';
import type { ProviderDefinition } from './provider.ts';

/** Runs the command that the arguments name; resolves with the exit code. Only serve leaves its failures to the caller. */
export async function runCommand(edge: Edge, providers: readonly ProviderDefinition[]): Promise<number> {
  let code: number = exitCode.ok;
  let isNamed = false;
  const program = createProgram(
    edge,
    async (run) => {
      code = await run();
    },
    providers,
  ).hook('preSubcommand', () => {
    isNamed = true;
  });
  try {
    await parse(program, edge.argv);
    return code;
  } catch (error) {
    // A kubelet's log breaks lines where they end, so serve's do not; people expect an end.
    if (!isNamed) throw error;
    edge.writeError(`${describe(error)}\n`);
    return exitCodeOf(error);
  }
}

async function parse(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(usage(error));
  }
}

function usageError(found: string, todo = 'see purser --help'): InputError {
  return new InputError('USAGE', { doing: 'reading the arguments', found, todo });
}

/** The library's messages name the argument at fault. No option takes a secret, but somebody may think that one does. */
function usage(error: CommanderError): string {
  return error.message
    .replace(/^error: |\.$/g, '')
    .replace(/('--?[A-Za-z-]+)=.*'/s, "$1'")
    .replaceAll('\n', ' ');
}

type Runner = (run: () => Promise<number>) => Promise<void>;

function createProgram(edge: Edge, runner: Runner, providers: readonly ProviderDefinition[]): Command {
  const program = new Command('purser')
    .description('A kubelet image credential provider. Without a command it answers the request on stdin.')
    .option('--config <file>', 'the PurserConfig to use (default: $PURSER_CONFIG, then /etc/purser/config.yaml)')
    .option('-V, --version', 'the same as the command version')
    .helpCommand('help [command]', 'What a command does, and its options')
    .addHelpText('after', surroundings)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => edge.writeOut(text),
      writeErr: (text) => edge.writeError(text),
      outputError: () => undefined,
    })
    .showSuggestionAfterError(true)
    .usage('[options] [command]')
    .argument('[command]')
    .allowExcessArguments(true)
    .action((name: string | undefined, options: { config?: string; version?: boolean }) =>
      runner(async () => {
        if (name !== undefined) throw unknownCommand(name, program);
        if (options.version === true) {
          const { version } = await import('./commands/version.ts');
          return version({ output: 'text' }, edge);
        }
        // A person at the keyboard is no kubelet: there is no request to wait for.
        if (edge.isTerminal(0)) {
          program.outputHelp({ error: true });
          return exitCode.config;
        }
        const { serve } = await import('./commands/serve.ts');
        return serve(options, edge, providers);
      }),
    );
  asking(program.command('get <image>'))
    .description('The answer a kubelet would get for an image')
    .option('--show-secrets', 'print passwords instead of hiding them')
    .action((image: string, _: unknown, command: Command) =>
      runner(async () => {
        const { get } = await import('./commands/get.ts');
        return get(image, command.optsWithGlobals(), edge, providers);
      }),
    );
  asking(program.command('verify <images...>'))
    .description(
      'Pulls images as a kubelet would have them pulled, keeps nothing, and says what each credential is worth',
    )
    .option('--platform <platform>', 'what the node is, such as linux/arm64 (default: what this machine is)')
    .addOption(
      new Option('--level <level>', 'access: the manifest and one byte of each blob; full: every byte')
        .choices(['access', 'full'])
        .default('full'),
    )
    .option('--strict', 'refuse token services on other hosts instead of giving notice')
    .action((images: readonly string[], _: unknown, command: Command) =>
      runner(async () => {
        const { verify } = await import('./commands/verify.ts');
        return verify(images, command.optsWithGlobals(), edge, providers);
      }),
    );
  printing(program.command('lint <files...>'))
    .description(
      "What is wrong with a kubelet's CredentialProviderConfig, a PurserConfig or a docker config, and the cure",
    )
    .addOption(new Option('--kind <kind>', 'what the files are (default: their content tells)').choices(documentKinds))
    .option('--kubelet-version <version>', 'the kubelet to speak of, such as 1.33 (default: the newest known)')
    .option('--feature-gates <gates>', "the kubelet's option of this name, for service account tokens before 1.34")
    .option('--bin-dir <folder>', "the kubelet's --image-credential-provider-bin-dir, to look for the executables too")
    .action((files: readonly string[], _: unknown, command: Command) =>
      runner(async () => {
        const { lint } = await import('./commands/lint.ts');
        return lint(files, command.optsWithGlobals(), edge, providers);
      }),
    );
  printing(program.command('explain <image>'))
    .description('What a kubelet and purser would do with an image, and by which rules; asks nobody')
    .option('--credential-provider-config <path>', "the kubelet's file or directory of that name, to explain it too")
    .option('--kubelet-version <version>', 'the kubelet to speak of, such as 1.33 (default: the newest known)')
    .action((image: string, _: unknown, command: Command) =>
      runner(async () => {
        const { explain } = await import('./commands/explain.ts');
        return explain(image, command.optsWithGlobals(), edge, providers);
      }),
    );
  printing(program.command('version'))
    .description('Version, commit, runtime and the versions of what is bundled')
    .action((options: { output: 'text' | 'json' }) =>
      runner(async () => {
        const { version } = await import('./commands/version.ts');
        return version(options, edge);
      }),
    );
  return program;
}

/** What no option says. */
const surroundings = `
Environment:
  PURSER_CONFIG                 the PurserConfig, where no option names one
  PURSER_LOG                    a file that keeps one line of each answer
  SSL_CERT_FILE                 certificates to trust beside the system's
  NO_COLOR                      no colours

Exit codes:
  0  answered, or good          6  network, or a server in trouble
  1  a bug in purser            7  a time limit
  2  arguments, config, files   8  stdout cannot be written
  3  no request on stdin        9  content is not what its digest says
  4  refused as unsafe         10  not found, or hidden
  5  the credential is refused
`;

function unknownCommand(name: string, program: Command): InputError {
  const near = nearest(
    name,
    program.commands.map((command) => command.name()),
  );
  return usageError(`there is no command ${quote(name)}`, near === undefined ? undefined : `did you mean ${near}?`);
}

/** Options of commands that ask what a kubelet would: see commands/ask.ts. */
function asking(command: Command): Command {
  return printing(command)
    .option('--service-account-token-file <file>', 'send the token in this file along, as a kubelet in token mode does')
    .option('--annotation <key=value>', 'send this service account annotation along; may be repeated', collect);
}

function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

function printing(command: Command): Command {
  return command
    .allowExcessArguments(false)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'));
}
