/** Events as a kubelet's log has them: `"Event occurred" object="default/a-node" … reason="Pulling" message="…"`. */

export interface KubeletEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Of the pod with this name in the kubelet's eyes, which ends with the node's. */
export function kubeletEvents(log: string, pod: string): readonly KubeletEvent[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes('"Event occurred"') || !line.includes(`object="default/${pod}"`)) return [];
    return [{ type: fieldOf(line, 'type'), reason: fieldOf(line, 'reason'), message: fieldOf(line, 'message') }];
  });
}

/** Values are quoted as Go does it, which for what kubelets say is as JSON does it. */
function fieldOf(line: string, name: string): string {
  const [, quoted] = new RegExp(` ${name}=("(?:[^"\\\\]|\\\\.)*")`).exec(line) ?? [];
  return quoted === undefined ? '' : JSON.parse(quoted);
}
