/** What docker-registry's own log tells about requests: a line for each answer, in JSON. */

export interface ServedRequest {
  readonly method: string;
  /** Path and query; containerd's query tells the registry by whose name it was asked (`ns`). */
  readonly uri: string;
  readonly status: number;
  /** Why somebody was not let in: the registry's own words, which tell a stranger from a wrong password. */
  readonly refusal: string | undefined;
}

export function servedRequests(lines: readonly string[], repository: string): readonly ServedRequest[] {
  return lines.flatMap((line): readonly ServedRequest[] => {
    // Its HTTP server writes lines of its own, about connections.
    if (!line.startsWith('{')) return [];
    const entry: Readonly<Record<string, unknown>> = JSON.parse(line);
    const uri = String(entry['http.request.uri']);
    if (!uri.startsWith(`/v2/${repository}/`)) return [];
    const method = String(entry['http.request.method']);
    const message = String(entry['msg']);
    // Who is not let in gets no line for the answer, only one for the reason.
    if (message.startsWith('error authorizing context')) return [{ method, uri, status: 401, refusal: message }];
    if (!message.startsWith('response completed')) return [];
    return [{ method, uri, status: Number(entry['http.response.status']), refusal: undefined }];
  });
}
