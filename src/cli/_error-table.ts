/** The table of every number a person may meet: refusals of codes from 101, findings of the doctor from 201. Markdown, both languages. */
import { REFUSALS } from '../contracts.js';
import { FINDINGS } from '../doctor/findings.js';
import { numberOf, REFUSAL_WORDS } from '../messages/refusals.js';

const HEAD = `<!-- 由 ankang errors 生成，请勿手改 · made by \`ankang errors\`, do not edit -->
# 编号一览 · Numbers

1xx 是对码的拒绝：显示在页面上，写入日志。2xx 是 \`ankang doctor\` 的发现，带 * 的只是建议。
1xx are refusals of codes, on the page and in the journal. 2xx are findings of \`ankang doctor\`; those with * are advice.
`;

export function errorTable(): string {
  return [
    HEAD,
    '## 1xx 拒绝 · Refusals\n',
    ...table(['编号', '词 · word', '对来人说 · said to the visitor', '给工作人员 · for staff', '下一步 · next']),
    ...REFUSALS.map((refusal) => {
      const { visitor, clerk, next } = REFUSAL_WORDS[refusal];
      return row([`${numberOf(refusal)}`, `\`${refusal}\``, both(visitor), both(clerk), both(next)]);
    }),
    '\n## 2xx 检查发现 · Findings\n',
    ...table(['编号', '词 · word', '发现 · finding', '处理 · fix']),
    ...Object.entries(FINDINGS).map(([word, { number, words, fix, ...rest }]) =>
      row([`${number}${'advice' in rest ? ' *' : ''}`, `\`${word}\``, both(words), both(fix)]),
    ),
    '',
  ].join('\n');
}

const both = ({ zh, en }: { readonly zh: string; readonly en: string }): string => `${zh}<br>${en}`;
const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (heads: readonly string[]): readonly string[] => [row(heads), row(heads.map(() => '---'))];
