/**
 * What a kubelet tells of providers that fail: a line of its log, and a count among its metrics. Nobody else is told; the
 * pod sees an anonymous pull that was refused.
 */

export interface FailedRun {
  /** Name of the provider. */
  readonly name: string;
  /** What it was asked about. */
  readonly image: string;
}

/**
 * How each run ended and all that it wrote to stderr, one for each line of the log. Since 1.36 the error is a quoted
 * field, before it is the end of the line. An error of several lines is none of these.
 */
export function providerFailures(lines: readonly string[], { name, image }: FailedRun): readonly string[] {
  const start = `error execing credential provider plugin ${name} for image ${image}: `;
  return lines.flatMap((line) => {
    // The header of a line: severity, day, time, thread, source.
    const [, quoted, end] =
      /^E\d{4} [^\]]*\] (?:.* err=("(?:[^"\\]|\\.)*") provider="|(Failed getting credential .*)$)/.exec(line) ?? [];
    const error: string = quoted === undefined ? (end ?? '') : JSON.parse(quoted);
    const at = error.indexOf(start);
    return at < 0 ? [] : [error.slice(at + start.length)];
  });
}

/** The metric of a provider's errors, which has another name since 1.31 or so; a kubelet counts from its start. */
export function countedErrors(metrics: string, name: string): number {
  const metric = `kubelet_credential_provider_plugin_errors(?:_total)?\\{plugin_name="${name}"\\}`;
  return Number(new RegExp(`^${metric} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
}
