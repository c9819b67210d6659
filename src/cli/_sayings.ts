/** What commander says of a call that it does not understand, in both languages. Pure. */

const SAYINGS: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^unknown command '(.+?)'/, (name) => `没有命令 ${name}`],
  [/^unknown option '(.+?)'/, (name) => `没有选项 ${name}`],
  [/^required option '(.+?)' not specified/, (name) => `缺少必填选项 ${name}`],
  [/^missing required argument '(.+?)'/, (name) => `缺少参数 ${name}`],
  [/^option '(.+?)' argument missing/, (name) => `选项 ${name} 缺少值`],
  [/^option '(.+?)' argument '(.*?)' is invalid/, (name, value) => `选项 ${name} 的值 ${value} 不可用`],
  [/^command-argument value '(.*?)' is invalid for argument '(.+?)'/, (value, name) => `参数 ${name} 的值 ${value} 不可用`],
  [/^option '(.+?)' cannot be used with option '(.+?)'/, (one, other) => `选项 ${one} 与 ${other} 不能同时使用`],
  [/^too many arguments/, () => '参数过多'],
];

/** `error: unknown command 'x'` → `没有命令 x · unknown command 'x'`; what is not known here stays English. */
export function said(text: string): string {
  const english = text.replace(/^error: /, '');
  for (const [pattern, chinese] of SAYINGS) {
    const found = pattern.exec(english);
    if (found) return `${chinese(...found.slice(1))} · ${english}`;
  }
  return english;
}
