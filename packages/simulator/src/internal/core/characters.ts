/**
 * The characters that speech is charged by: a Chinese one counts twice.
 *
 * @internal
 */
export const charactersOf = (text: string): number =>
  [...text].reduce((sum, sign) => sum + (/[\u3400-\u9fff]/.test(sign) ? 2 : 1), 0)
