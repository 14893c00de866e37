/**
 * The characters of YAML 1.1 (https://yaml.org/spec/1.1/), as the YAML library inside Kubernetes reads them – a cursor
 * that knows the old line breaks – and the library's own words and line numbers for what it refuses.
 */

export interface Mark {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** A refusal. `message` is the library's text, with its habit of counting lines from 0 or from 1. */
export class GoYamlError extends Error {
  override readonly name = 'GoYamlError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function yamlError(problem: string, offset: number): GoYamlError {
  return new GoYamlError(`yaml: ${problem}`, offset);
}

/** A refusal by the scanner. `context` is where the construct began; the library falls back to it on line 1. */
export function scanError(problem: string, at: Mark, context: Mark): GoYamlError {
  const line = at.line > 0 ? at.line + 1 : context.line;
  return yamlError(line > 0 ? `line ${line}: ${problem}` : problem, at.offset);
}

/** Next characters are read as one-character strings; the end of the text reads as ''. */
export class Cursor {
  readonly text: string;
  offset = 0;
  line = 0;
  column = 0;

  constructor(text: string) {
    this.text = text;
  }

  at(ahead = 0): string {
    return this.text[this.offset + ahead] ?? '';
  }

  mark(): Mark {
    return { offset: this.offset, line: this.line, column: this.column };
  }

  /** One character; columns count code points. */
  take(): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.offset) ?? 0);
    this.offset += character.length;
    this.column++;
    return character;
  }

  skip(count = 1): void {
    for (let n = 0; n < count; n++) this.take();
  }

  /** A line break: CR LF, CR, LF and NEL become LF, the separators U+2028 and U+2029 stay. */
  takeBreak(): string {
    const character = this.at();
    this.offset += character === '\r' && this.at(1) === '\n' ? 2 : 1;
    this.line++;
    this.column = 0;
    return character === '\u2028' || character === '\u2029' ? character : '\n';
  }

  skipBlanks(): void {
    while (isBlank(this.at())) this.take();
  }

  skipComment(): void {
    if (this.at() === '#') while (!isBreakOrEnd(this.at())) this.take();
  }

  /** `---` or `...` alone at the start of a line. */
  atDocumentIndicator(dots: '---' | '...'): boolean {
    return this.column === 0 && this.text.startsWith(dots, this.offset) && isBlankOrEnd(this.at(3));
  }
}

export function isBlank(c: string): boolean {
  return c === ' ' || c === '\t';
}

export function isBreak(c: string): boolean {
  return c === '\n' || c === '\r' || c === '\u0085' || c === '\u2028' || c === '\u2029';
}

export function isBreakOrEnd(c: string): boolean {
  return c === '' || isBreak(c);
}

export function isBlankOrEnd(c: string): boolean {
  return isBlank(c) || isBreakOrEnd(c);
}
